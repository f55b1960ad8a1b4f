//! Enums of the contract that say what an enum of the domain says: a variant that is missing on one side does not compile.

macro_rules! mirrored {
    ($(#[$doc:meta])* $name:ident = $of:path { $($variant:ident),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),* }

        impl From<$name> for $of {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),* }
            }
        }

        impl From<$of> for $name {
            fn from(value: $of) -> Self {
                use $of as Of;
                match value { $(Of::$variant => Self::$variant),* }
            }
        }
    };
}

pub(super) use mirrored;
