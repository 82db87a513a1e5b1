//! The processes of one environment, from the server's side: stopping, continuing, ending, and hearing of their end.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::extensions::{Event, Extensions, Reason, shutdown_event};
use super::failure::Failure;
use super::output::{Output, now_ms};
use super::telemetry::{Dial, Telemetry};
use crate::cgroup::Group;
use crate::channel::Channel;
use crate::plan::{ExitStatus, Report, command};
use crate::spec::LogLine;

/// How long the last output may take to arrive after all processes have ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How an environment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Its runtime's exit; nothing if it was ended from outside.
    pub(crate) status: Option<ExitStatus>,
    /// Whether the kernel killed a process of it for want of memory.
    pub(crate) out_of_memory: bool,
}

/// What the owner asks for.
enum Order {
    Stop,
    Continue,
    Run,
    End(Reason),
}

/// A handle; dropping it ends the processes.
pub(crate) struct Process {
    orders: mpsc::UnboundedSender<Order>,
    ended: watch::Receiver<Option<End>>,
    group: Arc<Group>,
    over: Over,
}

/// Whether the end has begun. Held while freezing, so that nothing is frozen once it has: what is frozen cannot die.
type Over = Arc<Mutex<bool>>;

/// What a supervising task takes care of until its environment has ended.
pub(super) struct Belongings {
    pub(super) group: Arc<Group>,
    pub(super) output: Arc<Output>,
    pub(super) extensions: Arc<Extensions>,
    pub(super) telemetry: Arc<Telemetry>,
    /// What is done with output that nobody takes any more.
    pub(super) leftovers: Leftovers,
    /// Tasks that serve the environment.
    pub(super) services: Vec<AbortHandle>,
}

/// Brings the last lines of an environment to its log.
pub(crate) type Leftovers = Arc<dyn Fn(Vec<LogLine>) + Send + Sync>;

impl Drop for Belongings {
    fn drop(&mut self) {
        for service in &self.services {
            service.abort();
        }
    }
}

impl Process {
    /// Supervises a sandbox.
    pub(super) fn sandboxed(
        child: Child,
        channel: Channel,
        dials: mpsc::UnboundedReceiver<Dial>,
        belongings: Belongings,
    ) -> Self {
        let (extensions, telemetry) = (Arc::clone(&belongings.extensions), Arc::clone(&belongings.telemetry));
        let sockets = Sockets { dials, dialling: VecDeque::new() };
        Self::supervise(belongings, |orders, group, over| {
            let sandbox = Sandbox { channel, extensions, telemetry, sockets, group, over, status: None };
            sandbox.until_it_ends(child, orders)
        })
    }

    /// Supervises an ordinary process group.
    pub(super) fn plain(child: Child, belongings: Belongings) -> Self {
        Self::supervise(belongings, |orders, _, _| until_plain_ends(child, orders))
    }

    fn supervise<Running>(
        belongings: Belongings,
        run: impl FnOnce(mpsc::UnboundedReceiver<Order>, Arc<Group>, Over) -> Running,
    ) -> Self
    where
        Running: Future<Output = (Option<ExitStatus>, Reason)> + Send + 'static,
    {
        let (orders, received) = mpsc::unbounded_channel();
        let (tell, ended) = watch::channel(None);
        let group = Arc::clone(&belongings.group);
        let output = Arc::clone(&belongings.output);
        let follow = tokio::spawn(async move { output.follow().await });
        let over = Over::default();
        let running = run(received, Arc::clone(&group), Arc::clone(&over));
        tokio::spawn(async move {
            let (status, reason) = running.await;
            drop(tokio::time::timeout(LAST_WORDS, follow).await);
            let out_of_memory = belongings.group.memory_kills() > 0;
            // Whoever ends an environment for a failure takes its output; nobody does when it was not needed any more.
            if reason == Reason::Spindown {
                (belongings.leftovers)(belongings.output.take());
            }
            tell.send_replace(Some(End { status, out_of_memory }));
            let group = Arc::clone(&belongings.group);
            drop(belongings);
            drop(tokio::task::spawn_blocking(move || group.remove()).await);
        });
        Self { orders, ended, group, over }
    }

    /// Stops or continues the function's processes.
    pub(crate) fn freeze(&self, frozen: bool) -> io::Result<()> {
        if self.group.can_freeze() {
            let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
            return if *over { Ok(()) } else { self.group.freeze(frozen) };
        }
        self.order(if frozen { Order::Stop } else { Order::Continue });
        Ok(())
    }

    /// Lets the runtime start that waits for its extensions.
    pub(crate) fn run(&self) {
        self.order(Order::Run);
    }

    /// Begins to end everything. Extensions are told the reason.
    pub(crate) fn end(&self, reason: Reason) {
        self.order(Order::End(reason));
    }

    /// Waits for the end, which [`Process::end`] or the function itself brings about.
    pub(crate) async fn ended(&self) -> End {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(end) => end.unwrap_or(End { status: None, out_of_memory: false }),
            // The supervising task is gone, and everything with it.
            Err(_) => End { status: None, out_of_memory: false },
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.borrow().is_some() || self.ended.has_changed().is_err()
    }

    fn order(&self, order: Order) {
        // Whoever has ended needs no orders.
        drop(self.orders.send(order));
    }
}

/// A sandbox as its supervising task sees it.
struct Sandbox {
    channel: Channel,
    extensions: Arc<Extensions>,
    telemetry: Arc<Telemetry>,
    sockets: Sockets,
    group: Arc<Group>,
    over: Over,
    /// How the runtime has ended.
    status: Option<ExitStatus>,
}

/// Who wants sockets of the sandbox's network.
struct Sockets {
    dials: mpsc::UnboundedReceiver<Dial>,
    /// Those for whom the supervisor was asked, in order.
    dialling: VecDeque<Dial>,
}

/// The part of the time for the shutdown that the runtime has, in tenths.
const RUNTIME_SHARE: u32 = 3;

impl Sandbox {
    async fn until_it_ends(
        mut self,
        mut child: Child,
        mut orders: mpsc::UnboundedReceiver<Order>,
    ) -> (Option<ExitStatus>, Reason) {
        let reason = self.until_ordered(&mut orders).await;
        if let Some(reason) = reason {
            self.shut_down(reason).await;
        }
        // Three ways to the same end: process 1 hears the channel end, the kernel kills the group, the helper's death
        // kills process 1. Any one suffices.
        drop(self.channel);
        *self.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.group.kill();
        drop(child.kill().await);
        (self.status, reason.unwrap_or(Reason::Failure))
    }

    /// Follows orders until one says to end everything, with its reason; nothing where the sandbox ended by itself.
    async fn until_ordered(&mut self, orders: &mut mpsc::UnboundedReceiver<Order>) -> Option<Reason> {
        loop {
            tokio::select! {
                report = self.channel.receive() => self.hear(report.ok().flatten()?),
                Some(dial) = self.sockets.dials.recv() => self.ask_for_socket(dial),
                order = orders.recv() => match order {
                    Some(Order::Stop) => self.command(command::STOP),
                    Some(Order::Continue) => self.command(command::CONTINUE),
                    Some(Order::Run) => self.command(command::RUN),
                    Some(Order::End(reason)) => return Some(reason),
                    None => return Some(Reason::Spindown),
                },
            }
        }
    }

    fn command(&self, byte: u8) {
        // A supervisor that does not take it has ended, which is heard of on the same channel.
        drop(self.channel.command(byte));
    }

    fn ask_for_socket(&mut self, dial: Dial) {
        self.sockets.dialling.push_back(dial);
        self.command(command::SOCKET);
    }

    fn hear(&mut self, report: Report) {
        match report {
            Report::Exited(status) => {
                self.status = Some(status);
                if !self.extensions.is_empty() {
                    let out_of_memory = self.group.memory_kills() > 0;
                    let failure =
                        if out_of_memory { Failure::OutOfMemory } else { Failure::Ended(Some(status)) };
                    self.extensions.fail(failure);
                }
            }
            Report::NotExecutable { path, reason } => {
                self.status = Some(ExitStatus::Code(1));
                let reason = format!("fork/exec {}: {reason}", path.display());
                self.extensions.fail(Failure::InvalidEntrypoint(reason));
            }
            Report::ExtensionExited { extension, status } => self.extensions.exited(extension, status),
            Report::Socket => {
                if let (Some(socket), Some(dial)) =
                    (self.channel.take_socket(), self.sockets.dialling.pop_front())
                {
                    // Whoever asked may have ended.
                    drop(dial.send(socket));
                }
            }
            _ => {}
        }
    }

    /// The shutdown phase: the runtime ends first, then the extensions hear of it. Without extensions there is none.
    async fn shut_down(&mut self, reason: Reason) {
        let Some(limit) = self.extensions.shutdown_limit() else { return };
        *self.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        // Whoever sleeps hears nothing.
        if self.group.can_freeze() {
            drop(self.group.freeze(false));
        } else {
            self.command(command::CONTINUE);
        }
        let extensions = Arc::clone(&self.extensions);
        let deadline = Instant::now() + limit;
        let deadline_ms = now_ms() + i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
        extensions.begin_ending();
        self.telemetry.hurry();
        if self.status.is_none() {
            self.command(command::TERMINATE);
            let share = deadline - limit * (10 - RUNTIME_SHARE) / 10;
            self.listen(share, std::future::pending(), |sandbox| sandbox.status.is_some()).await;
            self.command(command::KILL);
        }
        // What the runtime has said by now comes before the news of the end.
        let telemetry = Arc::clone(&self.telemetry);
        self.listen(Instant::now() + limit / 10, telemetry.delivered(), |_| false).await;
        extensions.hand_out(Event::Shutdown, &shutdown_event(reason, deadline_ms));
        self.listen(deadline, extensions.ended(), |_| false).await;
    }

    /// Hears reports until the deadline, until something happens or until they make something true.
    async fn listen(
        &mut self,
        deadline: Instant,
        happens: impl Future<Output = ()>,
        holds: impl Fn(&Self) -> bool,
    ) {
        tokio::pin!(happens);
        while !holds(self) {
            tokio::select! {
                report = self.channel.receive() => match report {
                    Ok(Some(report)) => self.hear(report),
                    _ => return,
                },
                Some(dial) = self.sockets.dials.recv() => self.ask_for_socket(dial),
                () = &mut happens => return,
                () = tokio::time::sleep_until(deadline.into()) => return,
            }
        }
    }
}

async fn until_plain_ends(
    mut child: Child,
    mut orders: mpsc::UnboundedReceiver<Order>,
) -> (Option<ExitStatus>, Reason) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let signal = |signal| {
        if let Some(group) = group {
            kill_process_group(group, signal).ok();
        }
    };
    let (status, reason) = loop {
        tokio::select! {
            exit = child.wait() => break (exit.ok().and_then(exit_status), Reason::Failure),
            order = orders.recv() => match order {
                Some(Order::Stop) => signal(Signal::STOP),
                Some(Order::Continue) => signal(Signal::CONT),
                // There are no external extensions without a sandbox, for which a runtime would wait.
                Some(Order::Run) => {}
                Some(Order::End(reason)) => break (None, reason),
                None => break (None, Reason::Spindown),
            },
        }
    };
    signal(Signal::KILL);
    drop(child.wait().await);
    (status, reason)
}

fn exit_status(status: std::process::ExitStatus) -> Option<ExitStatus> {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().map(ExitStatus::Code).or_else(|| status.signal().map(ExitStatus::Signal))
}
