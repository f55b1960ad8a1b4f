//! Asks the embedded ClickHouse of a measured installation directly, past the API.

use anyhow::ensure;

use crate::target::Aop;

pub struct Store {
    url: String,
    password: String,
}

impl Store {
    /// The address and password that `aop up` gave to its ClickHouse.
    pub fn of(aop: &Aop) -> anyhow::Result<Self> {
        let environment = std::fs::read(format!("/proc/{}/environ", aop.part("clickhouse")?))?;
        let variable = |name: &str| {
            let prefix = format!("{name}=");
            let found = environment
                .split(|byte| *byte == 0)
                .map(String::from_utf8_lossy)
                .find(|line| line.starts_with(&prefix));
            found.map(|line| line[prefix.len()..].to_owned()).unwrap_or_default()
        };
        let url = format!("http://{}/?database=aop", variable("AOP_CLICKHOUSE_LISTEN"));
        Ok(Self { url, password: variable("AOP_CLICKHOUSE_PASSWORD") })
    }

    /// The answer of one statement, as tab-separated text.
    pub async fn ask(&self, client: &reqwest::Client, statement: &str) -> anyhow::Result<String> {
        let request =
            client.post(&self.url).header("x-clickhouse-key", &self.password).body(statement.to_owned());
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "ClickHouse answered {status}: {text}");
        Ok(text.trim().to_owned())
    }
}
