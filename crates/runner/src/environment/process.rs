//! The processes of one environment, from the server's side: stopping, continuing, ending, and hearing of their end.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::output::Output;
use crate::cgroup::Group;
use crate::channel::Channel;
use crate::plan::{ExitStatus, Report, command};

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
    End,
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
    /// Tasks that serve the environment.
    pub(super) services: Vec<AbortHandle>,
}

impl Drop for Belongings {
    fn drop(&mut self) {
        for service in &self.services {
            service.abort();
        }
    }
}

impl Process {
    /// Supervises a sandbox.
    pub(super) fn sandboxed(child: Child, channel: Channel, belongings: Belongings) -> Self {
        Self::supervise(belongings, |orders, group, over| {
            until_sandbox_ends(child, channel, orders, group, over)
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
        Running: Future<Output = Option<ExitStatus>> + Send + 'static,
    {
        let (orders, received) = mpsc::unbounded_channel();
        let (tell, ended) = watch::channel(None);
        let group = Arc::clone(&belongings.group);
        let output = Arc::clone(&belongings.output);
        let follow = tokio::spawn(async move { output.follow().await });
        let over = Over::default();
        let running = run(received, Arc::clone(&group), Arc::clone(&over));
        tokio::spawn(async move {
            let status = running.await;
            drop(tokio::time::timeout(LAST_WORDS, follow).await);
            let out_of_memory = belongings.group.memory_kills() > 0;
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

    /// Begins to end everything.
    pub(crate) fn end(&self) {
        self.order(Order::End);
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

async fn until_sandbox_ends(
    mut child: Child,
    mut channel: Channel,
    mut orders: mpsc::UnboundedReceiver<Order>,
    group: Arc<Group>,
    over: Over,
) -> Option<ExitStatus> {
    let mut status = None;
    loop {
        tokio::select! {
            report = channel.receive() => match report {
                Ok(Some(Report::Exited(exit))) => status = Some(exit),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            },
            order = orders.recv() => match order {
                Some(Order::Stop) => drop(channel.command(command::STOP)),
                Some(Order::Continue) => drop(channel.command(command::CONTINUE)),
                Some(Order::End) | None => break,
            },
        }
    }
    // Three ways to the same end: process 1 hears the channel end, the kernel kills the group, the helper's death kills
    // process 1. Any one suffices.
    drop(channel);
    *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
    group.kill();
    drop(child.kill().await);
    status
}

async fn until_plain_ends(
    mut child: Child,
    mut orders: mpsc::UnboundedReceiver<Order>,
) -> Option<ExitStatus> {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let signal = |signal| {
        if let Some(group) = group {
            kill_process_group(group, signal).ok();
        }
    };
    let status = loop {
        tokio::select! {
            exit = child.wait() => break exit.ok().and_then(exit_status),
            order = orders.recv() => match order {
                Some(Order::Stop) => signal(Signal::STOP),
                Some(Order::Continue) => signal(Signal::CONT),
                Some(Order::End) | None => break None,
            },
        }
    };
    signal(Signal::KILL);
    drop(child.wait().await);
    status
}

fn exit_status(status: std::process::ExitStatus) -> Option<ExitStatus> {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().map(ExitStatus::Code).or_else(|| status.signal().map(ExitStatus::Signal))
}
