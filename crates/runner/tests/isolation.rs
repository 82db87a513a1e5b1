//! What a hostile function can not do.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use std::os::unix::net::UnixListener;
use std::time::Duration;

use common::{Bench, error, log, success};
use rolecall_runner::FunctionSpec;
use serde_json::{Value, json};

/// A function that evaluates each expression of its event and says what came of it.
const PROBE: &str = r#"
import ctypes, errno, os, platform, socket, subprocess, sys, urllib.request, resource
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    return errno.errorcode.get(ctypes.get_errno(), 'OK') if result == -1 else 'OK'
def attempt(action):
    try:
        return action()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
def connect(family, address):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(2)
    s.connect(address)
    return 'connected'
def read(path):
    with open(path, 'rb') as file:
        return file.read(4096).decode('latin-1')
def write(path, size=1):
    with open(path, 'wb') as file:
        for _ in range(size):
            file.write(b'x' * 1048576 if size > 1 else b'x')
    return 'written'
def fork_many():
    children = 0
    try:
        while children < 5000:
            if os.fork() == 0:
                import time; time.sleep(30); os._exit(0)
            children += 1
    except OSError as error:
        return [children, errno.errorcode[error.errno]]
    return [children, 'no limit']
def handler(event, context):
    return [attempt(lambda: eval(expression)) for expression in event]
"#;

fn probe(bench: &Bench) -> FunctionSpec {
    bench.python("probe", PROBE)
}

async fn eval(bench: &Bench, expressions: &[&str]) -> Vec<Value> {
    let event = serde_json::to_string(expressions).unwrap();
    bench.ask(&probe(bench), &event).await.as_array().unwrap().clone()
}

async fn check(cases: &[(&str, Value)]) {
    let bench = Bench::new().await;
    let expressions: Vec<&str> = cases.iter().map(|(expression, _)| *expression).collect();
    for ((expression, expected), found) in cases.iter().zip(eval(&bench, &expressions).await) {
        assert_eq!(found, *expected, "{expression}");
    }
}

#[tokio::test]
async fn it_is_nobody_and_has_no_capabilities() {
    check(&[
        ("os.getuid() == os.geteuid() == os.getgid() == 64000", json!(true)),
        ("[line.split()[1] for line in read('/proc/self/status').splitlines() if line.startswith('Cap')]", json!(vec!["0000000000000000"; 5])),
        ("[line.split()[1] for line in read('/proc/self/status').splitlines() if line.startswith(('NoNewPrivs', 'Seccomp:'))]", json!(["1", "2"])),
        ("attempt(lambda: os.setuid(0)) in ('EPERM', 'EINVAL')", json!(true)),
        ("sorted(os.listdir('/proc/self/fd'))[:3]", json!(["0", "1", "2"])),
        ("resource.getrlimit(resource.RLIMIT_CORE)", json!([1, 1])),
        ("resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= 1024", json!(true)),
        ("socket.gethostname()", json!("lambda")),
    ])
    .await;
}

#[tokio::test]
async fn it_sees_no_process_but_its_own() {
    check(&[
        (
            "[pid for pid in map(int, filter(str.isdigit, os.listdir('/proc'))) if pid > 1] == [os.getpid()]",
            json!(true),
        ),
        ("attempt(lambda: read('/proc/1/environ'))in ('EACCES', 'ENOENT', 'EPERM')", json!(true)),
        ("attempt(lambda: os.readlink('/proc/1/root')) in ('EACCES', 'ENOENT', 'EPERM')", json!(true)),
        ("attempt(lambda: read('/proc/1/mem')) in ('EACCES', 'ENOENT', 'EPERM')", json!(true)),
    ])
    .await;
}

#[tokio::test]
async fn signals_reach_nobody_else() {
    check(&[("attempt(lambda: os.kill(1, 9)) in (None, 'EPERM')", json!(true)), ("1 + 1", json!(2))]).await;
}

#[tokio::test]
async fn it_reads_no_file_of_the_host() {
    let bench = Bench::new().await;
    let state = bench.directory.path().join("state").display().to_string();
    let cases = [
        ("read('/etc/shadow')".to_owned(), "ENOENT"),
        (format!("os.listdir({state:?})"), "ENOENT"),
        ("os.listdir('/home')".to_owned(), "ENOENT"),
        ("os.listdir('/sys/fs/cgroup')".to_owned(), "ENOENT"),
        ("read('/dev/kmsg')".to_owned(), "ENOENT"),
        ("read('/dev/vda')".to_owned(), "ENOENT"),
        ("read('/dev/mem')".to_owned(), "ENOENT"),
    ];
    let expressions: Vec<&str> = cases.iter().map(|(expression, _)| expression.as_str()).collect();
    for ((expression, expected), found) in cases.iter().zip(eval(&bench, &expressions).await) {
        assert_eq!(found, *expected, "{expression}");
    }
    let found =
        eval(&bench, &["read('/etc/passwd')", "sorted(os.listdir('/'))", "read('/proc/self/mountinfo')"])
            .await;
    assert!(!found[0].as_str().unwrap().contains("daemon"), "{}", found[0]);
    assert!(!found[1].to_string().contains("\"sys\""), "{}", found[1]);
}

#[tokio::test]
async fn it_writes_nothing_but_tmp() {
    check(&[
        ("write('/var/task/x')", json!("EROFS")),
        ("write('/var/task/main.py')", json!("EROFS")),
        ("write('/var/runtime/bootstrap.py')", json!("EROFS")),
        ("write('/usr/x')", json!("EROFS")),
        ("attempt(lambda: write('/x')) in ('EROFS', 'EACCES')", json!(true)),
        ("attempt(lambda: write('/etc/passwd')) in ('EROFS', 'EACCES')", json!(true)),
        ("attempt(lambda: write('/dev/x')) in ('EROFS', 'EACCES')", json!(true)),
        ("attempt(lambda: write('/proc/sys/kernel/core_pattern')) in ('EACCES', 'EPERM', 'EROFS', 'ENOENT')", json!(true)),
        // Masked files are /dev/null on a mount without devices.
        ("attempt(lambda: os.path.samestat(os.stat('/proc/sysrq-trigger'), os.stat('/dev/null'))) in (True, 'ENOENT')", json!(true)),
        ("[attempt(lambda: read(path)) in ('EACCES', 'ENOENT') for path in ('/proc/keys', '/proc/kallsyms', '/proc/kcore')]", json!([true, true, true])),
        ("attempt(lambda: write('/proc/1/oom_score_adj')) in ('EACCES', 'EPERM', 'ENOENT')", json!(true)),
        ("write('/dev/null')", json!("written")),
        ("write('/tmp/x')", json!("written")),
    ])
    .await;
}

#[tokio::test]
async fn tmp_is_private_and_limited() {
    let bench = Bench::new().await;
    let mut spec = probe(&bench);
    spec.tmp_mb = 16;
    let event =
        json!(["write('/tmp/big', 64)", "os.path.getsize('/tmp/big') <= 16 << 20", "os.listdir('/tmp')"]);
    assert_eq!(bench.ask(&spec, &event.to_string()).await, json!(["ENOSPC", true, ["big"]]));
    spec.key = "another".into();
    assert_eq!(bench.ask(&spec, r#"["os.listdir('/tmp')"]"#).await, json!([[]]));
}

#[tokio::test]
async fn a_full_tmp_is_not_taken_for_memory() {
    let bench = Bench::new().await;
    let spec = FunctionSpec { tmp_mb: 256, ..probe(&bench) };
    let event = json!(["write('/tmp/big', 200)", "os.path.getsize('/tmp/big') >> 20"]);
    assert_eq!(bench.ask(&spec, &event.to_string()).await, json!(["written", 200]), "with 128 MB of memory");
}

#[tokio::test]
async fn it_reaches_its_two_services_and_no_other() {
    let bench = Bench::new().await;
    let host = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = host.local_addr().unwrap().port();
    let name = format!("rolecall-test-{}", std::process::id());
    let address =
        <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(&name)
            .unwrap();
    let _abstract_listener = UnixListener::bind_addr(&address).unwrap();
    let expressions = [
        format!("connect(socket.AF_INET, ('127.0.0.1', {port}))"),
        "connect(socket.AF_INET, ('192.0.2.1', 80))".to_owned(),
        "connect(socket.AF_INET, ('169.254.169.254', 80))".to_owned(),
        format!("connect(socket.AF_UNIX, '\\0{name}')"),
        "socket.socket(40, socket.SOCK_STREAM)".to_owned(),
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)".to_owned(),
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)".to_owned(),
        "connect(socket.AF_INET, ('127.0.0.1', 9001))".to_owned(),
        "urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL']).read().decode()[:6]".to_owned(),
        "[name for _, name in socket.if_nameindex() if name != 'lo' and not name.startswith(('tunl', 'sit', 'ip', 'gre', 'erspan'))]".to_owned(),
    ];
    let expressions: Vec<&str> = expressions.iter().map(String::as_str).collect();
    let expected = json!([
        "ECONNREFUSED",
        "ENETUNREACH",
        "ENETUNREACH",
        "ECONNREFUSED",
        "ENOSYS",
        "ENOSYS",
        "ENOSYS",
        "connected",
        "hello ",
        []
    ]);
    assert_eq!(Value::from(eval(&bench, &expressions).await), expected);
}

#[tokio::test]
async fn dangerous_system_calls_are_refused() {
    let bench = Bench::new().await;
    // Numbers of x86-64; the filter itself is made from names.
    if std::env::consts::ARCH != "x86_64" {
        return;
    }
    let calls = [
        ("mount", 165, "EPERM"),
        ("umount2", 166, "EPERM"),
        ("pivot_root", 155, "EPERM"),
        ("chroot", 161, "EPERM"),
        ("unshare", 272, "EPERM"),
        ("setns", 308, "EPERM"),
        ("ptrace", 101, "EPERM"),
        ("process_vm_readv", 310, "EPERM"),
        ("process_vm_writev", 311, "EPERM"),
        ("keyctl", 250, "EPERM"),
        ("add_key", 248, "EPERM"),
        ("bpf", 321, "EPERM"),
        ("userfaultfd", 323, "EPERM"),
        ("perf_event_open", 298, "EPERM"),
        ("kexec_load", 246, "EPERM"),
        ("init_module", 175, "EPERM"),
        ("open_by_handle_at", 304, "EPERM"),
        ("reboot", 169, "EPERM"),
        ("io_uring_setup", 425, "ENOSYS"),
        ("clone3", 435, "ENOSYS"),
        ("memfd_secret", 447, "ENOSYS"),
        ("a call of the future", 900, "ENOSYS"),
        ("a call of the x32 world", 0x4000_0000 + 39, "ENOSYS"),
    ];
    let expressions: Vec<String> =
        calls.iter().map(|(_, number, _)| format!("call({number}, 0, 0, 0, 0, 0)")).collect();
    let expressions: Vec<&str> = expressions.iter().map(String::as_str).collect();
    for ((name, _, expected), found) in calls.iter().zip(eval(&bench, &expressions).await) {
        assert_eq!(found, *expected, "{name}");
    }
    let others = [
        // clone with CLONE_NEWUSER; personality(ADDR_NO_RANDOMIZE); ioctl(0, TIOCSTI).
        ("call(56, 0x10000000 | 17, 0, 0, 0, 0)", "ENOSYS"),
        ("call(135, 0x0040000)", "ENOSYS"),
        ("call(16, 0, 0x5412, 0)", "EPERM"),
        ("call(135, 0xffffffff)", "OK"),
    ];
    let expressions: Vec<&str> = others.iter().map(|(expression, _)| *expression).collect();
    for ((expression, expected), found) in others.iter().zip(eval(&bench, &expressions).await) {
        assert_eq!(found, *expected, "{expression}");
    }
}

#[tokio::test]
async fn a_fork_bomb_and_a_descriptor_hoard_end_at_their_limits() {
    let bench = Bench::new().await;
    let spec = FunctionSpec { memory_mb: 3008, timeout: Duration::from_secs(30), ..probe(&bench) };
    let event = json!(["len([os.open('/dev/null', 0) for _ in range(100000)])"]).to_string();
    assert_eq!(bench.ask(&spec, &event).await, json!(["EMFILE"]));
    let spec = FunctionSpec { key: "bomb".into(), ..spec };
    let outcome = bench.invoke(&spec, r#"["fork_many()"]"#).await;
    let result = success(&outcome);
    assert_eq!(result[0][1], "EAGAIN", "{result}");
    assert!(result[0][0].as_u64().unwrap() <= 1024, "{result}");
}

#[tokio::test]
async fn children_left_behind_end_with_the_environment() {
    let bench = Bench::new().await;
    let marker = format!("86{:05}", std::process::id() % 100_000);
    let mut spec = bench.python(
        "orphans",
        &format!("import os, subprocess, time\ndef handler(event, context):\n    subprocess.Popen(['sleep', '{marker}'], start_new_session=True)\n    time.sleep(event)\n"),
    );
    spec.timeout = Duration::from_secs(1);
    let outcome = bench.invoke(&spec, "30").await;
    assert_eq!(error(&outcome)["errorType"], "Sandbox.Timedout", "{}", log(&outcome));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let alive = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .any(|line| line == format!("sleep\0{marker}\0").as_bytes());
    assert!(!alive, "the child of an ended environment lives");
}

#[tokio::test]
async fn one_environment_cannot_answer_for_another() {
    let bench = Bench::new().await;
    let victim = bench.python(
        "victim",
        "import time\ndef handler(event, context):\n    time.sleep(1)\n    return 'mine'\n",
    );
    let forger = bench.python(
        "forger",
        "import os, urllib.request, urllib.error\n\
         def handler(event, context):\n    \
             url = 'http://%s/2018-06-01/runtime/invocation/%s/response' % (os.environ['AWS_LAMBDA_RUNTIME_API'], event)\n    \
             try:\n        return urllib.request.urlopen(url, b'\"forged\"').status\n    \
             except urllib.error.HTTPError as error:\n        return [error.code, error.read().decode()]\n",
    );
    let request = common::invocation("{}");
    let id = format!("\"{}\"", request.request_id);
    let forging = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        bench.ask(&forger, &id).await
    };
    let running = bench.runner.invoke(std::sync::Arc::new(victim), request);
    let (outcome, forged) = tokio::join!(running, forging);
    assert_eq!(success(&outcome.unwrap()), json!("mine"));
    assert_eq!(
        forged,
        json!([400, r#"{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#])
    );
}

#[tokio::test]
async fn a_crash_disturbs_nobody_else() {
    let bench = Bench::new().await;
    let steady = bench.python(
        "steady",
        "import time\ndef handler(event, context):\n    time.sleep(1)\n    return 'fine'\n",
    );
    let crash = bench
        .python("crash", "import os\ndef handler(event, context):\n    os.kill(-1, 9)\n    os.abort()\n");
    let crashes = async {
        for _ in 0..3 {
            error(&bench.invoke(&crash, "{}").await);
        }
    };
    let (result, ()) = tokio::join!(bench.ask(&steady, "{}"), crashes);
    assert_eq!(result, json!("fine"));
}

#[tokio::test]
async fn endless_output_fills_nobodys_memory() {
    let bench = Bench::new().await;
    let mut spec = bench.python("flood", "import sys\ndef handler(event, context):\n    while True:\n        sys.stdout.write('x' * 1000000 + '\\n')\n");
    spec.timeout = Duration::from_secs(2);
    let outcome = bench.invoke(&spec, "{}").await;
    assert_eq!(error(&outcome)["errorType"], "Sandbox.Timedout");
    let bytes: usize = outcome.log.iter().map(|line| line.text.len()).sum();
    assert!(bytes < 20 << 20, "{bytes}");
    assert!(log(&outcome).contains("bytes of output were discarded"));
}
