//! How an environment writes its log: as text, or as JSON of which only a part is kept (reference lambda.md 7.8).

/// The format of a log, with what only that format has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines of text. Nothing is left out.
    #[default]
    Text,
    /// Lines of JSON, those below a level left out.
    Json {
        /// The least level of the platform's own records.
        system: SystemLogLevel,
        /// The least level of what the function writes.
        application: ApplicationLogLevel,
    },
}

/// The levels of the platform's records, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SystemLogLevel {
    /// Every record.
    Debug,
    /// Starts, ends and figures.
    #[default]
    Info,
    /// What went wrong.
    Warn,
}

impl SystemLogLevel {
    /// The level of this name, as the Lambda API spells it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "DEBUG" => Some(Self::Debug),
            "INFO" => Some(Self::Info),
            "WARN" => Some(Self::Warn),
            _ => None,
        }
    }
}

/// The levels of what functions write, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ApplicationLogLevel {
    /// The finest.
    Trace,
    /// For debugging.
    Debug,
    /// What a function normally has to say; also all that names no level.
    #[default]
    Info,
    /// What may become a problem.
    Warn,
    /// What is a problem.
    Error,
    /// What ends the function.
    Fatal,
}

impl ApplicationLogLevel {
    /// The level of this name in any case, in the spellings of the runtimes' loggers.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "TRACE" => Some(Self::Trace),
            "DEBUG" => Some(Self::Debug),
            "INFO" => Some(Self::Info),
            "WARN" | "WARNING" => Some(Self::Warn),
            "ERROR" => Some(Self::Error),
            "FATAL" | "CRITICAL" => Some(Self::Fatal),
            _ => None,
        }
    }

    /// The name in the Lambda API and in `AWS_LAMBDA_LOG_LEVEL`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}
