//! What is measured: each target is started on loopback, pinned to the gateway's core where the machine allows it, and
//! ended by dropping it.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::machine::child_named;

/// Core of the gateway, and core of mock and load generator.
pub const GATEWAY_CPU: &str = "1";
pub const LOAD_CPU: &str = "0";

/// A running process that ends with this value.
pub struct Running {
    child: Child,
}

impl Running {
    pub fn start(command: &mut Command, cpu: Option<&str>) -> anyhow::Result<Self> {
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {command:?}"))?;
        let running = Self { child };
        if let Some(cpu) = cpu {
            pin(running.pid(), cpu);
        }
        Ok(running)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps a process and all of its threads on one core. Where that is not possible the figures are noisier, not wrong.
pub fn pin(pid: u32, cpu: &str) {
    let _ = Command::new("taskset")
        .args(["-a", "-c", "-p", cpu, &pid.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

pub fn wait_for(address: SocketAddr) -> anyhow::Result<()> {
    let patience = Instant::now() + Duration::from_secs(30);
    while Instant::now() < patience {
        if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("nothing listens on {address}")
}

/// A binary built beside this one.
pub fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    Ok(here.parent().unwrap_or(Path::new(".")).join(name))
}

pub fn mock(chunks: u32, pause_us: u64) -> anyhow::Result<(Running, SocketAddr)> {
    let address = free_address()?;
    let mut command = Command::new(beside("mock")?);
    command.args([
        "--listen",
        &address.to_string(),
        "--chunks",
        &chunks.to_string(),
        "--pause-us",
        &pause_us.to_string(),
    ]);
    let running = Running::start(&mut command, Some(LOAD_CPU))?;
    wait_for(address)?;
    Ok((running, address))
}

pub fn pingora(upstream: SocketAddr) -> anyhow::Result<(Running, SocketAddr)> {
    let address = free_address()?;
    let mut command = Command::new(beside("pass-pingora")?);
    command.args(["--listen", &address.to_string(), "--upstream", &upstream.to_string()]);
    let running = Running::start(&mut command, Some(GATEWAY_CPU))?;
    wait_for(address)?;
    Ok((running, address))
}

pub fn nginx(upstream: SocketAddr, dir: &Path) -> anyhow::Result<(Running, SocketAddr)> {
    let address = free_address()?;
    let conf = dir.join(format!("nginx-{}.conf", address.port()));
    fs::write(
        &conf,
        format!(
            "daemon off; worker_processes 1; pid {dir}/nginx-{port}.pid; error_log stderr error;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; client_max_body_size 64m; client_body_buffer_size 2m; keepalive_requests 1000000;\n\
             client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;\n\
             upstream mock {{ server {upstream}; keepalive 256; keepalive_requests 1000000; }}\n\
             server {{ listen {address} reuseport; location / {{ proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; }} }} }}\n",
            dir = dir.display(),
            port = address.port(),
        ),
    )?;
    let mut command = Command::new("nginx");
    command.args(["-e", "stderr", "-c", &conf.to_string_lossy()]);
    let running = Running::start(&mut command, Some(GATEWAY_CPU))?;
    wait_for(address)?;
    Ok((running, address))
}

/// The whole of AOP with everything on. Only its proxy is pinned to the gateway's core.
pub struct Aop {
    pub running: Running,
    pub address: SocketAddr,
    pub data: tempfile::TempDir,
    pub key: String,
}

impl Aop {
    /// Starts `aop up` in an empty directory; `upstream` answers for its simulated models.
    pub fn start(binary: &Path, upstream: SocketAddr) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new().prefix("aop-bench-").tempdir()?;
        let address = free_address()?;
        let key = "aop-bench-key-with-every-permission-0001".to_owned();
        let mut command = Command::new(binary);
        command
            .args(["up", "--listen", &address.to_string(), "--data", &data.path().to_string_lossy()])
            .env("AOP_BOOTSTRAP_KEY", &key)
            .env("AOP_ADMIN_EMAIL", "bench@example.com")
            .env("AOP_ADMIN_PASSWORD", "bench-password-0001")
            .env("AOP_PROXY_THREADS", "1")
            .env("AOP_SIMULATOR_URL", format!("http://{upstream}"))
            .stdout(Stdio::null());
        let running = Running::start(&mut command, None)?;
        let aop = Self { running, address, data, key };
        aop.wait_ready()?;
        pin(aop.proxy()?, GATEWAY_CPU);
        Ok(aop)
    }

    fn wait_ready(&self) -> anyhow::Result<()> {
        let url = format!("http://{}/readyz", self.address);
        let patience = Instant::now() + Duration::from_secs(90);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build()?;
        while Instant::now() < patience {
            let answer = runtime.block_on(async { client.get(&url).send().await });
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("aop up was not ready in time")
    }

    pub fn proxy(&self) -> anyhow::Result<u32> {
        self.part("proxy")
    }

    /// The process of one part.
    pub fn part(&self, name: &str) -> anyhow::Result<u32> {
        child_named(self.running.pid(), name).with_context(|| format!("aop up has no part {name}"))
    }
}
