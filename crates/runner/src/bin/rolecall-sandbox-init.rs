//! The sandbox helper as a program of its own, for tests and for those who embed the runner without an executable of
//! their own. The server re-executes itself instead.

fn main() {
    rolecall_runner::sandbox_init_main()
}
