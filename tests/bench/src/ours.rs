//! Codriver, as its documentation says to use it.

use std::sync::Mutex;
use std::time::Instant;

use codriver::options::SessionFsOptions;
use codriver::store::MemoryStore;
use codriver::{Client, ClientOptions, EVENTS_LOST, Session, SessionConfig, SessionEvent};
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::case::{Numbers, spread};
use crate::mock::{self, Streams};
use crate::side::Side;
use crate::tally::{Next, Tally};
use crate::{Result, sample};

pub(crate) enum Ours {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delta {
    delta_content: String,
}

impl Side for Ours {
    type Client = Client;
    type Session = Session;

    async fn connect(streams: Streams) -> Result<Client> {
        Ok(Client::start(ClientOptions::streams(streams.reader, streams.writer)).await?)
    }

    async fn ping(client: &Client) -> Result<()> {
        client.ping(None).await?;
        Ok(())
    }

    async fn create(client: &Client, id: Option<&str>, _buffer: Option<usize>) -> Result<Session> {
        let config = SessionConfig::new();
        let config = if let Some(id) = id { config.session_id(id) } else { config };
        Ok(client.create_session(config).await?)
    }

    fn observe(session: &Session, tally: Tally) -> oneshot::Receiver<Tally> {
        let (sender, receiver) = oneshot::channel();
        let state = Mutex::new(Some((tally, sender)));
        session.on(move |event| {
            let Ok(mut state) = state.lock() else { return };
            let Some((tally, _)) = state.as_mut() else { return };
            match take(tally, event) {
                Next::Go => {}
                Next::Pause(pause) => std::thread::sleep(pause),
                Next::End => {
                    if let Some((tally, sender)) = state.take() {
                        let _ = sender.send(tally);
                    }
                }
            }
        });
        receiver
    }

    async fn send(session: &Session) -> Result<()> {
        session.send("Begin.").await?;
        Ok(())
    }

    async fn start() -> Result<f64> {
        let start = Instant::now();
        let client = Client::start(ClientOptions::new().cli_path(mock::path()?)).await?;
        let seconds = start.elapsed().as_secs_f64();
        client.stop().await;
        Ok(seconds)
    }
}

fn take(tally: &mut Tally, event: &SessionEvent) -> Next {
    if event.event_type() == EVENTS_LOST {
        return Next::Go;
    }
    let mut delta = None;
    tally.take(event.event_type(), event.seq() - event.first_seq() + 1, || {
        delta = event.data_as::<Delta>().ok();
        delta.as_ref().map(|delta| delta.delta_content.as_str())
    })
}

/// How many filesystem calls the mock makes before it answers a create.
const CALLS_PER_CREATE: f64 = 25.0;

/// What a create with a provider takes longer than one without, per call.
pub(crate) async fn filesystem(count: usize) -> Result<Numbers> {
    let plain = sample::quantile(&mut creates(count, None).await?, 0.5);
    let stores = MemoryStore::new();
    let provider = SessionFsOptions::new("/work", "/state", move |id| Ok(stores.open(id)));
    let with = creates(count, Some(provider)).await?;
    Ok(spread(with.into_iter().map(|micros| (micros - plain) / CALLS_PER_CREATE).collect()))
}

/// How long each of `count` creates takes, in microseconds.
async fn creates(count: usize, provider: Option<SessionFsOptions>) -> Result<Vec<f64>> {
    let mock = mock::spawn(&[])?;
    let mut options = ClientOptions::streams(mock.streams.reader, mock.streams.writer);
    options.session_fs = provider;
    let client = Client::start(options).await?;
    let mut micros = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        client.create_session(SessionConfig::new()).await?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(micros)
}
