//! What can go wrong between here and Postgres, in words a reader can act on.

use aop_domain::error_kind::ErrorKind;
use sqlx::error::ErrorKind as DatabaseErrorKind;
use sqlx::migrate::MigrateError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `constraint` names the rule, e.g. `users_email_key`.
    #[error("this already exists ({constraint})")]
    Duplicate { constraint: String },
    #[error("this is still used by something else ({constraint})")]
    StillUsed { constraint: String },
    /// A reference to a row that does not exist, or that this team cannot see.
    #[error("what this refers to does not exist ({constraint})")]
    UnknownReference { constraint: String },
    #[error("the database refuses this value ({constraint})")]
    Refused { constraint: String },
    #[error("this would leave no active administrator")]
    LastAdmin,
    #[error("this would leave the team without an owner")]
    LastOwner,
    #[error("an administrator exists already")]
    AdminExists,
    /// Another runner has taken the execution over; whatever was to be written was not.
    #[error("this runner no longer holds the execution")]
    LostClaim,
    #[error("the database was migrated by a newer AOP (version {0}); start that version or a newer one")]
    NewerDatabase(i64),
    #[error("the database cannot be migrated: {0}")]
    Migrate(#[source] MigrateError),
    #[error("the database address is not valid: {0}")]
    Address(#[source] sqlx::Error),
    /// Postgres is away, or has no free connection. Worth trying again.
    #[error("the database cannot be reached: {0}")]
    Unavailable(#[source] sqlx::Error),
    #[error("the database failed: {0}")]
    Failed(#[source] sqlx::Error),
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Duplicate { .. }
            | Self::StillUsed { .. }
            | Self::LastAdmin
            | Self::LastOwner
            | Self::AdminExists
            | Self::LostClaim => ErrorKind::Conflict,
            Self::UnknownReference { .. } | Self::Refused { .. } => ErrorKind::Invalid,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::NewerDatabase(_) | Self::Migrate(_) | Self::Address(_) | Self::Failed(_) => {
                ErrorKind::Internal
            }
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::Database(database) => {
                let constraint = database.constraint().unwrap_or("unnamed").to_owned();
                match (database.kind(), database.code().as_deref()) {
                    (DatabaseErrorKind::UniqueViolation, _) => Self::Duplicate { constraint },
                    // Postgres tells the two directions of a foreign key apart only in its text.
                    (DatabaseErrorKind::ForeignKeyViolation, _)
                        if database.message().starts_with("update or delete") =>
                    {
                        Self::StillUsed { constraint }
                    }
                    (DatabaseErrorKind::ForeignKeyViolation, _) => Self::UnknownReference { constraint },
                    (DatabaseErrorKind::CheckViolation | DatabaseErrorKind::NotNullViolation, _) => {
                        Self::Refused { constraint }
                    }
                    // Shutting down, starting up, too many connections, out of disk or memory.
                    (_, Some(code))
                        if code.starts_with("57P") || code.starts_with("53") || code.starts_with("08") =>
                    {
                        Self::Unavailable(error)
                    }
                    _ => Self::Failed(error),
                }
            }
            _ => Self::Failed(error),
        }
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::NewerDatabase(version),
            MigrateError::Execute(error) => error.into(),
            other => Self::Migrate(other),
        }
    }
}
