//! Tells a service manager what it wants to know, when there is one that does (`NOTIFY_SOCKET`, as systemd sets it for
//! `Type=notify`): that the service is ready, and which process is the main one after another has taken over.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::settings::environment;

pub(crate) fn ready() {
    send("READY=1");
}

pub(crate) fn main_process(pid: u32) {
    send(&format!("MAINPID={pid}\nREADY=1"));
}

fn send(what: &str) {
    let Some(path) = environment("NOTIFY_SOCKET") else { return };
    if let Err(error) = send_to(&path, what) {
        tracing::warn!(%error, "the service manager cannot be told of the start");
    }
}

fn send_to(path: &str, what: &str) -> std::io::Result<()> {
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(path)?,
    };
    UnixDatagram::unbound()?.send_to_addr(what.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manager_hears_it_at_a_path_and_at_an_abstract_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let name = format!("aop-notify-{}", std::process::id());
        let at_path = UnixDatagram::bind(&path).unwrap();
        let at_name = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        for (socket, given) in [(at_path, path.to_str().unwrap().to_owned()), (at_name, format!("@{name}"))] {
            send_to(&given, "READY=1").unwrap();
            let mut heard = [0; 64];
            let length = socket.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], b"READY=1");
        }
        assert!(send_to("/nowhere/notify", "READY=1").is_err());
    }
}
