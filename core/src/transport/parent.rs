//! Our own standard streams: we are the runtime's child (`join_session`). Nothing else may write to them.
//!
//! Where they are pipes or sockets, as a runtime's are, they are read by the event loop. tokio's own `stdin` reads on a
//! thread that nobody can end: the process could not exit while its parent lives.

use super::Wire;
use crate::error::{Error, ErrorKind, Result};

/// The streams this process was started with.
pub(crate) fn streams() -> Result<Wire> {
    let failed = |error: std::io::Error| {
        let text = format!("this process's standard streams cannot be used as a connection: {error}");
        Error::new(ErrorKind::ConnectFailed, text).with_source(error)
    };
    #[cfg(unix)]
    {
        unix::streams().map_err(failed)
    }
    #[cfg(not(unix))]
    {
        let _ = failed;
        Ok(Wire {
            reader: Box::pin(tokio::io::stdin()),
            writer: Box::pin(tokio::io::stdout()),
            process: None,
        })
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};

    use rustix::fs::FileType;
    use tokio::net::UnixStream;
    use tokio::net::unix::pipe;

    use super::super::{Reader, Wire, Writer};

    pub(super) fn streams() -> io::Result<Wire> {
        let reader = reader(io::stdin().as_fd().try_clone_to_owned()?)?;
        let writer = writer(io::stdout().as_fd().try_clone_to_owned()?)?;
        Ok(Wire { reader, writer, process: None })
    }

    fn reader(fd: OwnedFd) -> io::Result<Reader> {
        Ok(match kind(&fd)? {
            FileType::Fifo => Box::pin(pipe::Receiver::from_owned_fd(fd)?),
            FileType::Socket => Box::pin(socket(fd)?),
            _ => Box::pin(tokio::io::stdin()),
        })
    }

    fn writer(fd: OwnedFd) -> io::Result<Writer> {
        Ok(match kind(&fd)? {
            FileType::Fifo => Box::pin(pipe::Sender::from_owned_fd(fd)?),
            FileType::Socket => Box::pin(socket(fd)?),
            _ => Box::pin(tokio::io::stdout()),
        })
    }

    fn kind(fd: &OwnedFd) -> io::Result<FileType> {
        Ok(FileType::from_raw_mode(rustix::fs::fstat(fd)?.st_mode))
    }

    fn socket(fd: OwnedFd) -> io::Result<UnixStream> {
        let stream = std::os::unix::net::UnixStream::from(fd);
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream)
    }
}
