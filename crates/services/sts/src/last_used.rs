//! When a role was last assumed, which GetRole tells.

use std::convert::Infallible;

use rolecall_authority::Call;
use rolecall_store::WriteError;
use rolecall_store::records::iam::Role;

use crate::Sts;

/// A use is noted only when the last noted one is older: assuming a role must not mean writing.
const INTERVAL_MS: i64 = 60_000;

impl Sts {
    /// Notes that the role was assumed, at most once a minute for each role. A note that cannot be written is lost: it
    /// must not fail what it is about.
    pub(crate) async fn note_role_use(&self, call: &Call, role: &Role) {
        let now_ms = self.platform.now_ms();
        if !is_due(role, now_ms) {
            return;
        }
        let (key, id) = ((role.account, role.name.to_lowercase()), role.id.clone());
        let region = call.region.as_str().to_owned();
        let written = self.platform.store.write(move |state| {
            if state.roles.get(&key).is_some_and(|role| role.id == id && is_due(role, now_ms)) {
                state.roles.update(&key, |role| role.last_used = Some((now_ms, region)));
            }
            Ok::<(), Infallible>(())
        });
        if let Err(WriteError::Store(error)) = written.await {
            tracing::warn!(%error, role = role.name, "the use of a role could not be noted");
        }
    }
}

fn is_due(role: &Role, now_ms: i64) -> bool {
    role.last_used.as_ref().is_none_or(|(last_ms, _)| now_ms - last_ms >= INTERVAL_MS)
}
