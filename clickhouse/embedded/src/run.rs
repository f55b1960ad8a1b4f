//! Runs one statement on a thread of its own and reports what happens as events.

mod text;

use std::io::Read;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::body::BodyReader;
use crate::engine::{Engine, Run};
use crate::error::Exception;
use crate::format::{Delivery, HeaderCut, delivery};
use crate::library::{Connection, Progress};
use crate::request::Request;
use crate::settings::quote;
use crate::statement::{Kind, Statement};
use text::Text;

/// What the answer's side learns, in this order: one head and any data, or a failure at any time.
pub(crate) enum Event {
    Head(Head),
    Data(Bytes),
    Failed(Exception),
}

pub(crate) struct Head {
    /// `None`: the statement has no answer.
    pub(crate) format: Option<String>,
    pub(crate) progress: Progress,
}

/// Bytes given to the engine at once.
const INSERT_PIECE_BYTES: usize = 256 * 1024;
const DEFAULT_FORMAT: &str = "TabSeparated";

/// Blocks until the statement has ended.
pub(crate) fn run(
    engine: &Engine,
    request: Request,
    body: BodyReader,
    run: &Run,
    events: &mpsc::Sender<Event>,
) {
    if let Err(exception) = try_run(engine, request, body, run, events) {
        let _nobody_waits = events.blocking_send(Event::Failed(exception));
    }
    run.end();
}

fn try_run(
    engine: &Engine,
    mut request: Request,
    body: BodyReader,
    run: &Run,
    events: &mpsc::Sender<Event>,
) -> Result<(), Exception> {
    let data = request.incoming.unpack(body).map_err(|error| text::body_exception(&error))?;
    let Text { bytes, statement, rest } =
        Text::read(request.query.take(), data, engine.limits.statement_bytes)?;
    let _place = engine.place(statement.writes)?;
    if run.is_abandoned() {
        return Ok(());
    }
    let session = request.session.as_ref().map(|asked| engine.sessions.take(asked)).transpose()?;
    let (lease, kept) = session.map_or((None, None), |(lease, kept)| (Some(lease), kept));
    let mut connection = match kept {
        Some(mut connection) => {
            connection.query(format!("SET log_comment = '{}'", run.mark).as_bytes(), "Null", &[])?;
            connection
        }
        None => engine.connect(&run.mark)?,
    };
    let outcome = prepare(&mut connection, &request).and_then(|()| {
        Execution { engine, request: &request, events, run }.execute(&mut connection, &bytes, statement, rest)
    });
    // A connection that was made read-only stays so: its session ends.
    if let Some(lease) = lease
        && !request.settings.is_read_only()
        && request
            .settings
            .reset_statement()
            .is_none_or(|reset| connection.query(reset.as_bytes(), "Null", &[]).is_ok())
    {
        lease.give_back(connection);
    }
    outcome
}

fn prepare(connection: &mut Connection, request: &Request) -> Result<(), Exception> {
    if let Some(database) = &request.database {
        let name = quote(database).replace('`', "\\`");
        connection.query(format!("USE `{name}`").as_bytes(), "Null", &[])?;
    }
    if let Some(set) = request.settings.set_statement() {
        connection.query(set.as_bytes(), "Null", &[])?;
    }
    Ok(())
}

struct Execution<'a> {
    engine: &'a Engine,
    request: &'a Request,
    events: &'a mpsc::Sender<Event>,
    run: &'a Run,
}

impl Execution<'_> {
    fn execute(
        &self,
        connection: &mut Connection,
        bytes: &[u8],
        statement: Statement,
        rest: Box<dyn Read + '_>,
    ) -> Result<(), Exception> {
        let default = self.request.default_format.as_deref().unwrap_or(DEFAULT_FORMAT);
        let format = statement.format.clone().unwrap_or_else(|| default.to_owned());
        match statement.kind {
            Kind::InsertData { head, format, data_at } => {
                self.insert(connection, &head, &format, bytes.get(data_at..).unwrap_or_default(), rest)
            }
            Kind::Select => match delivery(&format) {
                Delivery::Pieces(header) if !self.request.wait_end => {
                    self.stream(connection, bytes, &format, HeaderCut::new(header))
                }
                _ => self.whole(connection, bytes, Some(format)),
            },
            Kind::Other => self.whole(connection, bytes, (!statement.writes).then_some(format)),
        }
    }

    /// Data until the body ends; a body that does not come whole stores nothing.
    fn insert(
        &self,
        connection: &mut Connection,
        head: &str,
        format: &str,
        first: &[u8],
        mut rest: Box<dyn Read + '_>,
    ) -> Result<(), Exception> {
        let mut insert = connection.insert(head, format)?;
        if !first.is_empty() {
            insert.append(first)?;
        }
        let mut piece = Vec::with_capacity(INSERT_PIECE_BYTES);
        loop {
            piece.clear();
            let ended = crate::body::read_up_to(&mut rest, &mut piece, INSERT_PIECE_BYTES)
                .map_err(|error| text::body_exception(&error))?;
            if self.run.is_abandoned() {
                return Ok(());
            }
            if !piece.is_empty() {
                insert.append(&piece)?;
            }
            if ended {
                break;
            }
        }
        let progress = insert.done()?;
        self.send(Event::Head(Head { format: None, progress }));
        Ok(())
    }

    fn stream(
        &self,
        connection: &mut Connection,
        sql: &[u8],
        format: &str,
        mut cut: HeaderCut,
    ) -> Result<(), Exception> {
        let unsupported = {
            match connection.stream(sql, format, &self.request.params) {
                Err(exception) if exception.unsupported_streaming() => true,
                Err(exception) => return Err(exception),
                Ok(mut stream) => {
                    let first = stream.fetch()?;
                    if !self
                        .send(Event::Head(Head { format: Some(format.to_owned()), progress: first.progress }))
                    {
                        return Ok(());
                    }
                    let mut data = first.data;
                    while !data.is_empty() && self.send(Event::Data(cut.apply(data))) {
                        data = stream.fetch()?.data;
                    }
                    false
                }
            }
        };
        if unsupported {
            return self.whole(connection, sql, Some(format.to_owned()));
        }
        Ok(())
    }

    /// One answer, held whole.
    fn whole(
        &self,
        connection: &mut Connection,
        sql: &[u8],
        format: Option<String>,
    ) -> Result<(), Exception> {
        let output =
            connection.query(sql, format.as_deref().unwrap_or(DEFAULT_FORMAT), &self.request.params)?;
        if output.data.len() > self.engine.limits.statement_bytes {
            return Err(Exception::too_large(self.engine.limits.statement_bytes));
        }
        if self.send(Event::Head(Head { format, progress: output.progress })) && !output.data.is_empty() {
            self.send(Event::Data(output.data));
        }
        Ok(())
    }

    /// False: the client has left.
    fn send(&self, event: Event) -> bool {
        self.events.blocking_send(event).is_ok()
    }
}
