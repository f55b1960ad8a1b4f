//! Keys of the provider of the tests. They sign nothing else anywhere.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// A key pair by the name it is published under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestKey {
    First,
    Second,
    /// RSA with 1,024 bits.
    Short,
    Curve,
}

impl TestKey {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Short => "short",
            Self::Curve => "curve",
        }
    }

    pub(crate) fn algorithm(self) -> Algorithm {
        if self == Self::Curve { Algorithm::ES256 } else { Algorithm::RS256 }
    }

    /// Modulus of an RSA key.
    pub(crate) fn modulus(self) -> &'static str {
        match self {
            Self::First => FIRST_MODULUS,
            Self::Second => SECOND_MODULUS,
            Self::Short => SHORT_MODULUS,
            Self::Curve => "",
        }
    }

    pub(crate) fn published(self) -> Value {
        match self {
            Self::Curve => {
                json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.id(), "x": CURVE_X, "y": CURVE_Y})
            }
            _ => {
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id(), "n": self.modulus(), "e": "AQAB"})
            }
        }
    }

    /// A token with this key's signature, saying `kid`.
    pub(crate) fn sign(self, kid: Option<&str>, claims: &Value) -> String {
        let key = match self {
            Self::First => EncodingKey::from_rsa_der(include_bytes!("fixtures/rsa-1.der")),
            Self::Second => EncodingKey::from_rsa_der(include_bytes!("fixtures/rsa-2.der")),
            Self::Short => EncodingKey::from_rsa_der(include_bytes!("fixtures/rsa-short.der")),
            Self::Curve => EncodingKey::from_ec_der(include_bytes!("fixtures/ec.der")),
        };
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm()) };
        encode(&header, claims, &key).unwrap()
    }
}

const FIRST_MODULUS: &str = "449cf1HkbyPpVXlk5pWLUpzzfzDVyFt6-C8cTgneGI3moo6D_NHRU0iU-ApU2smrVrj1de1Aqn2TUo--vWnxeMhzt_nebPJunNtU\
    -oqvi7epJ1MrlfgkEZGH57HlVENMupJBzoAUjgxyYP5YvxKk25xp1qcanDz8YG5usn0YMb7Iq82gfLJQWyeHDh6LR1t4tjtZI10g\
    AXDymp0dErzejB2qi92tfaUYJg8atb1s-CgxxDjuxA7eVws7h77F3F0g5D88a4HhWNsPgeIT5NXc_3VNa00ak1uZQk-bUwSeS88J\
    cVfgrps_8ijAvOd3cclsDIvAbqfOqzSinFxDoCSjbQ";
const SECOND_MODULUS: &str = "vGh-hpsArregsCA2naUaASXsKvFuXl1h9Z-I7doLKQtiBwEOxDNSTgRHK--ozpRW2o_3qCqqtTlPnD8v6b2y2HbUtMUy1RxWA9_b\
    PN7Mm1empmuoaVjtTv5pbUK1tuxDUBcm_84Om-RPV00JOefPVyuVIutSjQEsSO_8iX3_qqUbmGelqFTqAYtYHGZwvhWT1sdQKAwC\
    vK6UQQvPkOG3-HvphvnVm8hm4O34nfjtrNVLcL4Cv_p8wWcCXvJ81tYO6nnu08625Xh2n96lDTq7_urk_QJ4AI29MYVXTdeZtbvp\
    LQIxWmo9P3QIVbYU5y3R6FbspWcAKpLad7lhjN_hRQ";
const SHORT_MODULUS: &str = "pKv4Ip3yizzCmK9YKRk04BGVjM3rHPlxkISXx68tcgjl1eSRAkzE6bnQv1gxl11P4zr1s2aop3rofTZAQ--SRwMtRjpbjiplJrzN\
    FptnkpKV-xgRsjj6Ysy_yQHNIHtoDIgfWPErxEmt90wieHAttG6-zUXGo4-FZPz4xcKHsh0";
const CURVE_X: &str = "1AZoumfLvtzsGfLwpKirldA4Iuen8e7yIAjKS67_Thg";
const CURVE_Y: &str = "B02c2cgCNk0vz2ztQAX6LwZhP0Ayypl3RY3fYGtccIQ";
