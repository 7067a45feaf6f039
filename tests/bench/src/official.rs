//! The official crate, as its documentation says to use it.

use std::env;
use std::time::Instant;

use github_copilot_sdk::session::Session;
use github_copilot_sdk::subscription::RecvErrorKind;
use github_copilot_sdk::{Client, SessionConfig};
use tokio::sync::oneshot;

use crate::Result;
use crate::mock::{self, Streams};
use crate::side::Side;
use crate::tally::{Next, Tally};

pub(crate) enum Official {}

impl Side for Official {
    type Client = Client;
    type Session = Session;

    async fn connect(streams: Streams) -> Result<Client> {
        let client = Client::from_streams(streams.reader, streams.writer, env::current_dir()?)?;
        client.verify_protocol_version().await?;
        Ok(client)
    }

    async fn ping(client: &Client) -> Result<()> {
        client.ping(None).await?;
        Ok(())
    }

    async fn create(client: &Client, id: Option<&str>, buffer: Option<usize>) -> Result<Session> {
        let mut config = SessionConfig::default();
        config.session_id = id.map(Into::into);
        config.event_buffer_capacity = buffer;
        Ok(client.create_session(config).await?)
    }

    fn observe(session: &Session, mut tally: Tally) -> oneshot::Receiver<Tally> {
        let (sender, receiver) = oneshot::channel();
        let mut events = session.subscribe();
        tokio::spawn(async move {
            loop {
                let event = match events.recv().await {
                    Ok(event) => event,
                    // What was skipped is lost to this observer; it goes on with the next event.
                    Err(error) if matches!(error.kind(), RecvErrorKind::Lagged(_)) => continue,
                    Err(_) => return,
                };
                match tally.take(&event.event_type, 1, || event.data["deltaContent"].as_str()) {
                    Next::Go => {}
                    Next::Pause(pause) => tokio::time::sleep(pause).await,
                    Next::End => break,
                }
            }
            let _ = sender.send(tally);
        });
        receiver
    }

    async fn send(session: &Session) -> Result<()> {
        session.send("Begin.").await?;
        Ok(())
    }

    /// Without its `runtime` feature the crate starts nothing: this is its handshake over a child that was spawned by hand.
    async fn start() -> Result<f64> {
        let start = Instant::now();
        let mock = mock::spawn(&[])?;
        let _client = Self::connect(mock.streams).await?;
        Ok(start.elapsed().as_secs_f64())
    }
}
