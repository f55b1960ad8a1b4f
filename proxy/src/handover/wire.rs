//! What two processes say to each other: lines, of which one carries open descriptors.
//!
//! ```text
//! new  take over 1
//! old  given api=1 127.0.0.1:8080 127.0.0.1:8443       with descriptors: lock, handover.sock, one a listening address
//! new  ready                                          or: failed WHY
//! old  yours                                          what inference remembers is on the disk
//! new  accepting                                      from here the new one owns everything
//! ```
//!
//! Instead of any of its lines the old one may say `no WHY`. The first word of the new one ends with a version: a binary
//! that does not know it is told no, and nothing has happened.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

pub(super) const ASK: &str = "take over 1";
pub(super) const GIVEN: &str = "given ";
pub(super) const READY: &str = "ready";
pub(super) const FAILED: &str = "failed ";
pub(super) const YOURS: &str = "yours";
pub(super) const ACCEPTING: &str = "accepting";
pub(super) const NO: &str = "no ";

const LINE_MAX_BYTES: usize = 1024;
const MOST_DESCRIPTORS: usize = 8;

/// One line, without its end. Both sides speak in turn: a line is never followed by another one.
pub(super) async fn read_line(stream: &mut UnixStream) -> io::Result<String> {
    let mut line = Vec::with_capacity(64);
    loop {
        if stream.read_buf(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.ends_with(b"\n") {
            line.pop();
            return String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData.into());
        }
        if line.len() > LINE_MAX_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

pub(super) async fn write_line(stream: &mut UnixStream, line: &str) -> io::Result<()> {
    stream.write_all(one_line(line).as_bytes()).await
}

/// An error's text may have several lines.
pub(super) fn one_line(text: &str) -> String {
    let mut line = text.replace(['\n', '\r'], " ");
    line.truncate(line.floor_char_boundary(LINE_MAX_BYTES - 1));
    line.push('\n');
    line
}

/// A line and the descriptors that go with it, at once.
pub(super) fn send_with(stream: &impl AsFd, line: &str, given: &[BorrowedFd<'_>]) -> io::Result<()> {
    let line = one_line(line);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(given)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let sent =
        rustix::net::sendmsg(stream, &[IoSlice::new(line.as_bytes())], &mut control, SendFlags::NOSIGNAL)?;
    if sent == line.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

pub(super) fn receive_with(stream: &impl AsFd) -> io::Result<(String, Vec<OwnedFd>)> {
    let mut bytes = [0; LINE_MAX_BYTES];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = rustix::net::recvmsg(
        stream,
        &mut [IoSliceMut::new(&mut bytes)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let mut given = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            given.extend(descriptors);
        }
    }
    let line = bytes.get(..received.bytes).unwrap_or_default();
    let line = line.strip_suffix(b"\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok((String::from_utf8_lossy(line).into_owned(), given))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn an_open_file_reaches_the_other_side_with_its_line() {
        let (old, new) = std::os::unix::net::UnixStream::pair().unwrap();
        let (mut end, other_end) = std::os::unix::net::UnixStream::pair().unwrap();
        send_with(&old, "given\nthis", &[other_end.as_fd()]).unwrap();
        drop(other_end);
        let (line, mut given) = receive_with(&new).unwrap();
        assert_eq!((line.as_str(), given.len()), ("given this", 1));
        let mut received = std::os::unix::net::UnixStream::from(given.remove(0));
        received.write_all(b"hello").unwrap();
        drop(received);
        let mut heard = String::new();
        end.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "hello");
    }

    #[test]
    fn a_process_that_goes_away_is_an_error_and_no_line() {
        let (old, new) = std::os::unix::net::UnixStream::pair().unwrap();
        drop(old);
        assert_eq!(receive_with(&new).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn lines_are_read_whole_and_bounded() {
        let (mut old, mut new) = UnixStream::pair().unwrap();
        write_line(&mut old, &"é".repeat(2000)).await.unwrap();
        let line = read_line(&mut new).await.unwrap();
        assert!(line.len() < LINE_MAX_BYTES && line.chars().all(|c| c == 'é'));
        tokio::join!(async { old.write_all(&[b'x'; 4096]).await.unwrap() }, async {
            assert_eq!(read_line(&mut new).await.unwrap_err().kind(), io::ErrorKind::InvalidData)
        });
    }
}
