//! The programs that connect a language to the Runtime API. They are part of the executable and written to the state
//! directory at start, so that a sandbox can show them at `/var/runtime`.

use std::path::{Path, PathBuf};

use crate::spec::RunnerError;

const FILES: [(&str, &str); 4] = [
    ("bootstrap.py", include_str!("../bootstrap/python.py")),
    ("bootstrap.cjs", include_str!("../bootstrap/node.cjs")),
    ("logging.cjs", include_str!("../bootstrap/logging.cjs")),
    ("streaming.cjs", include_str!("../bootstrap/streaming.cjs")),
];

/// Empty directories over which a sandbox mounts the SDKs.
const MOUNT_POINTS: [&str; 2] = [Bootstraps::SDK_PYTHON, Bootstraps::SDK_NODE];

/// The directory that becomes `/var/runtime`.
#[derive(Debug, Clone)]
pub(crate) struct Bootstraps {
    directory: PathBuf,
}

impl Bootstraps {
    /// Where Python finds the SDK, below `/var/runtime`.
    pub(crate) const SDK_PYTHON: &str = "sdk-python";
    /// Where Node finds the SDK, below `/var/runtime`; the same place as on AWS.
    pub(crate) const SDK_NODE: &str = "node_modules";

    /// Writes the bootstraps below `state_dir`.
    pub(crate) fn install(state_dir: &Path) -> Result<Self, RunnerError> {
        let directory = state_dir.join("runtime");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| RunnerError::State { path, source }
        };
        for name in MOUNT_POINTS {
            let path = directory.join(name);
            std::fs::create_dir_all(&path).map_err(failed(&path))?;
        }
        for (name, text) in FILES {
            let path = directory.join(name);
            std::fs::write(&path, text).map_err(failed(&path))?;
        }
        make_readable(&directory).map_err(failed(&directory))?;
        Ok(Self { directory })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Functions run as another user, whatever the server's umask is.
fn make_readable(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode;
    std::fs::set_permissions(directory, mode(0o755))?;
    for name in MOUNT_POINTS {
        std::fs::set_permissions(directory.join(name), mode(0o755))?;
    }
    for (name, _) in FILES {
        std::fs::set_permissions(directory.join(name), mode(0o644))?;
    }
    Ok(())
}
