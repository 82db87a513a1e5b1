//! The nine scenes, one file each.

mod execution_role;
mod next_request;
mod other_account;
mod own_names;
mod pass_role;
mod required_layer;
mod s3_trigger;
mod shared_layer;
mod ways_to_rights;

use anyhow::Result;

use super::stage::Stage;

/// Plays them in order.
pub(super) async fn play_all(stage: &mut Stage) -> Result<()> {
    own_names::play(stage).await?;
    required_layer::play(stage).await?;
    ways_to_rights::play(stage).await?;
    pass_role::play(stage).await?;
    execution_role::play(stage).await?;
    s3_trigger::play(stage).await?;
    let neighbour = other_account::play(stage).await?;
    shared_layer::play(stage, &neighbour).await?;
    next_request::play(stage).await
}
