//! The binding to `libchdb`: the only file with `unsafe`. Everything it gives out is safe to use from any thread.
//!
//! The library is loaded once and never unloaded, because its threads live as long as the process. Its rules, which the
//! types below enforce: one statement at a time on a connection (`&mut self`), a stream or insert ends before its
//! connection is used again (it borrows it), and every result is given back exactly once (`Drop`).
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr::NonNull;

use bytes::Bytes;

use crate::error::{Error, Exception};

type RawConnection = *mut c_void;
type RawResult = *mut c_void;
type RawInsert = *mut c_void;

type QueryFn = unsafe extern "C" fn(
    RawConnection,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *const *const c_char,
    *const usize,
    *const *const c_char,
    *const usize,
    usize,
) -> RawResult;
type InsertFn = unsafe extern "C" fn(RawConnection, *const c_char, usize, *const c_char, usize) -> RawInsert;

/// The functions of the library that are used, by the names of its header (`chdb.h`).
pub(crate) struct Library {
    connect: unsafe extern "C" fn(c_int, *const *const c_char) -> *mut RawConnection,
    close_conn: unsafe extern "C" fn(*mut RawConnection),
    query: QueryFn,
    stream_query: QueryFn,
    stream_fetch: unsafe extern "C" fn(RawConnection, RawResult) -> RawResult,
    stream_cancel: unsafe extern "C" fn(RawConnection, RawResult),
    insert: InsertFn,
    insert_append: unsafe extern "C" fn(RawInsert, *const c_void, usize) -> c_int,
    insert_done: unsafe extern "C" fn(RawInsert) -> RawResult,
    insert_cancel: unsafe extern "C" fn(RawInsert),
    insert_error: unsafe extern "C" fn(RawInsert) -> *const c_char,
    insert_destroy: unsafe extern "C" fn(RawInsert),
    result_destroy: unsafe extern "C" fn(RawResult),
    result_buffer: unsafe extern "C" fn(RawResult) -> *const c_char,
    result_length: unsafe extern "C" fn(RawResult) -> usize,
    result_error: unsafe extern "C" fn(RawResult) -> *const c_char,
    result_rows_read: unsafe extern "C" fn(RawResult) -> u64,
    result_storage_rows_read: unsafe extern "C" fn(RawResult) -> u64,
    result_storage_bytes_read: unsafe extern "C" fn(RawResult) -> u64,
    result_rows_written: unsafe extern "C" fn(RawResult) -> u64,
    result_bytes_written: unsafe extern "C" fn(RawResult) -> u64,
    shutdown: unsafe extern "C" fn() -> c_int,
}

/// What a statement read and wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) read_rows: u64,
    pub(crate) read_bytes: u64,
    pub(crate) written_rows: u64,
    pub(crate) written_bytes: u64,
    pub(crate) result_rows: u64,
}

/// A whole answer, or one piece of a streamed one. Empty data: the end of the stream.
pub(crate) struct Output {
    pub(crate) data: Bytes,
    pub(crate) progress: Progress,
}

impl Library {
    pub(crate) fn load(path: &Path) -> Result<&'static Self, Error> {
        let failed =
            |error: libloading::Error| Error::Library { path: path.to_owned(), reason: error.to_string() };
        // SAFETY: the file is the pinned ClickHouse library named by our own configuration; its initialisers are its own.
        // Leaked on purpose: it is never unloaded, so the function pointers below stay valid for the whole process.
        let library = Box::leak(Box::new(unsafe { libloading::Library::new(path) }.map_err(failed)?));
        // SAFETY: each symbol below is declared with exactly this signature in `chdb.h` of the pinned version (26.7);
        // function pointers are `Copy` and outlive this call because the library is leaked.
        unsafe {
            let quiet = library
                .get::<unsafe extern "C" fn(c_int)>(b"chdb_set_signal_handlers_enabled\0")
                .map_err(failed)?;
            quiet(0);
            macro_rules! symbol {
                ($name:literal) => {
                    *library.get(concat!($name, "\0").as_bytes()).map_err(failed)?
                };
            }
            Ok(Box::leak(Box::new(Self {
                connect: symbol!("chdb_connect"),
                close_conn: symbol!("chdb_close_conn"),
                query: symbol!("chdb_query_with_params_n"),
                stream_query: symbol!("chdb_stream_query_with_params_n"),
                stream_fetch: symbol!("chdb_stream_fetch_result"),
                stream_cancel: symbol!("chdb_stream_cancel_query"),
                insert: symbol!("chdb_stream_insert_n"),
                insert_append: symbol!("chdb_stream_append"),
                insert_done: symbol!("chdb_stream_done"),
                insert_cancel: symbol!("chdb_stream_cancel_insert"),
                insert_error: symbol!("chdb_stream_insert_error"),
                insert_destroy: symbol!("chdb_destroy_insert_stream"),
                result_destroy: symbol!("chdb_destroy_query_result"),
                result_buffer: symbol!("chdb_result_buffer"),
                result_length: symbol!("chdb_result_length"),
                result_error: symbol!("chdb_result_error"),
                result_rows_read: symbol!("chdb_result_rows_read"),
                result_storage_rows_read: symbol!("chdb_result_storage_rows_read"),
                result_storage_bytes_read: symbol!("chdb_result_storage_bytes_read"),
                result_rows_written: symbol!("chdb_result_rows_written"),
                result_bytes_written: symbol!("chdb_result_bytes_written"),
                shutdown: symbol!("chdb_shutdown"),
            })))
        }
    }

    /// Opens a connection; the first one of the process starts the engine with its `--path=`.
    /// `None`: the engine refused the arguments, or the data is in use by another process.
    pub(crate) fn connect(&'static self, arguments: &[String]) -> Option<Connection> {
        let owned: Vec<CString> = arguments
            .iter()
            .map(|argument| CString::new(argument.as_str()))
            .collect::<Result<_, _>>()
            .ok()?;
        let pointers: Vec<*const c_char> = owned.iter().map(|argument| argument.as_ptr()).collect();
        let count = c_int::try_from(pointers.len()).ok()?;
        // SAFETY: `pointers` holds `count` pointers to NUL-terminated strings that live until after the call, which copies them.
        let handle = NonNull::new(unsafe { (self.connect)(count, pointers.as_ptr()) })?;
        Some(Connection { library: self, handle })
    }

    /// Stops the engine's threads. Every connection must be closed. False: some thread is still alive, which is harmless
    /// for a process that exits.
    pub(crate) fn shutdown(&'static self) -> bool {
        // SAFETY: takes no argument; refuses by itself while a connection is open.
        unsafe { (self.shutdown)() == 0 }
    }

    /// # Safety
    /// `result` came from this library and is not used afterwards.
    unsafe fn take(&'static self, result: RawResult) -> Result<Output, Exception> {
        let Some(result) = NonNull::new(result) else {
            return Err(Exception::internal("the engine gave no result"));
        };
        let result = OwnedResult { library: self, result };
        let raw = result.result.as_ptr();
        // SAFETY: `raw` is a live result; an error is null or NUL-terminated text that lives as long as the result.
        let error = unsafe { (self.result_error)(raw) };
        if !error.is_null() {
            // SAFETY: see above.
            let text = unsafe { CStr::from_ptr(error) }.to_string_lossy();
            return Err(Exception::parse(&text));
        }
        // SAFETY: plain getters on a live result.
        let progress = unsafe {
            Progress {
                read_rows: (self.result_storage_rows_read)(raw),
                read_bytes: (self.result_storage_bytes_read)(raw),
                written_rows: (self.result_rows_written)(raw),
                written_bytes: (self.result_bytes_written)(raw),
                result_rows: (self.result_rows_read)(raw),
            }
        };
        Ok(Output { data: Bytes::from_owner(result), progress })
    }
}

/// A result of the engine; its bytes are handed out without a copy.
struct OwnedResult {
    library: &'static Library,
    result: NonNull<c_void>,
}

// SAFETY: a result is a buffer that nothing else refers to once it is handed out; the library may free it on any thread.
unsafe impl Send for OwnedResult {}

impl AsRef<[u8]> for OwnedResult {
    fn as_ref(&self) -> &[u8] {
        let raw = self.result.as_ptr();
        // SAFETY: the result is live; buffer and length describe one allocation that does not change or move until it is destroyed.
        unsafe {
            let buffer = (self.library.result_buffer)(raw);
            let length = (self.library.result_length)(raw);
            if buffer.is_null() || length == 0 {
                &[]
            } else {
                std::slice::from_raw_parts(buffer.cast(), length)
            }
        }
    }
}

impl Drop for OwnedResult {
    fn drop(&mut self) {
        // SAFETY: owned, live, destroyed only here.
        unsafe { (self.library.result_destroy)(self.result.as_ptr()) }
    }
}

/// One session of the engine: runs one statement at a time.
pub(crate) struct Connection {
    library: &'static Library,
    handle: NonNull<RawConnection>,
}

// SAFETY: the library allows a connection to be used and closed from any thread as long as calls do not overlap, which
// `&mut self` guarantees.
unsafe impl Send for Connection {}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: owned, live, closed only here; no stream or insert of it is alive, because they borrow it.
        unsafe { (self.library.close_conn)(self.handle.as_ptr()) }
    }
}

impl Connection {
    fn raw(&self) -> RawConnection {
        // SAFETY: the handle points to the connection for as long as it is not closed.
        unsafe { *self.handle.as_ptr() }
    }

    /// Runs a statement and waits for its whole answer.
    pub(crate) fn query(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
    ) -> Result<Output, Exception> {
        let result = self.call(self.library.query, sql, format, params);
        // SAFETY: `result` was just made by the library and is used nowhere else.
        unsafe { self.library.take(result) }
    }

    /// Starts a SELECT whose answer is fetched piece by piece.
    pub(crate) fn stream(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
    ) -> Result<Stream<'_>, Exception> {
        let handle = self.call(self.library.stream_query, sql, format, params);
        let Some(handle) = NonNull::new(handle) else {
            return Err(Exception::internal("the engine gave no stream"));
        };
        let stream = Stream { connection: self, handle, ended: false };
        // SAFETY: a live stream handle is a result; its error is null or NUL-terminated text that lives as long as it.
        let error = unsafe { (stream.connection.library.result_error)(stream.handle.as_ptr()) };
        if error.is_null() {
            return Ok(stream);
        }
        // SAFETY: see above.
        Err(Exception::parse(&unsafe { CStr::from_ptr(error) }.to_string_lossy()))
    }

    fn call(
        &mut self,
        function: QueryFn,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
    ) -> RawResult {
        let names: Vec<*const c_char> = params.iter().map(|(name, _)| name.as_ptr().cast()).collect();
        let name_lengths: Vec<usize> = params.iter().map(|(name, _)| name.len()).collect();
        let values: Vec<*const c_char> = params.iter().map(|(_, value)| value.as_ptr().cast()).collect();
        let value_lengths: Vec<usize> = params.iter().map(|(_, value)| value.len()).collect();
        // SAFETY: every pointer goes with its length and lives until after the call, which copies what it keeps;
        // `&mut self` keeps any other statement off this connection.
        unsafe {
            function(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                names.as_ptr(),
                name_lengths.as_ptr(),
                values.as_ptr(),
                value_lengths.as_ptr(),
                params.len(),
            )
        }
    }

    /// Starts an INSERT (text without FORMAT and data) whose data comes piece by piece in `format`.
    pub(crate) fn insert(&mut self, sql: &str, format: &str) -> Result<Insert<'_>, Exception> {
        // SAFETY: pointers go with their lengths and live until after the call, which copies what it keeps.
        let handle = unsafe {
            (self.library.insert)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
            )
        };
        let Some(handle) = NonNull::new(handle) else {
            return Err(Exception::internal("the engine gave no insert"));
        };
        let insert = Insert { connection: self, handle, ended: false };
        match insert.error() {
            None => Ok(insert),
            Some(exception) => Err(exception),
        }
    }
}

/// A running SELECT. Dropped before its end, it is cancelled.
pub(crate) struct Stream<'a> {
    connection: &'a mut Connection,
    handle: NonNull<c_void>,
    ended: bool,
}

impl Stream<'_> {
    /// The next piece; empty data after the last one.
    pub(crate) fn fetch(&mut self) -> Result<Output, Exception> {
        let library = self.connection.library;
        // SAFETY: connection and stream are live; `&mut self` keeps calls from overlapping.
        let result = unsafe { (library.stream_fetch)(self.connection.raw(), self.handle.as_ptr()) };
        // SAFETY: `result` was just made by the library and is used nowhere else.
        let output = unsafe { library.take(result) };
        self.ended = output.as_ref().map_or(true, |output| output.data.is_empty());
        output
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        let library = self.connection.library;
        // SAFETY: connection and stream are live; the handle is destroyed only here.
        unsafe {
            if !self.ended {
                (library.stream_cancel)(self.connection.raw(), self.handle.as_ptr());
            }
            (library.result_destroy)(self.handle.as_ptr());
        }
    }
}

/// A running INSERT. Dropped before `done`, it is cancelled and stores nothing more.
pub(crate) struct Insert<'a> {
    connection: &'a mut Connection,
    handle: NonNull<c_void>,
    ended: bool,
}

impl Insert<'_> {
    /// Gives the engine more data; waits when it has enough to do.
    pub(crate) fn append(&mut self, data: &[u8]) -> Result<(), Exception> {
        // SAFETY: the handle is live; the data is copied before the call returns.
        let state = unsafe {
            (self.connection.library.insert_append)(self.handle.as_ptr(), data.as_ptr().cast(), data.len())
        };
        match state {
            0 => Ok(()),
            _ => Err(self.error().unwrap_or_else(|| Exception::internal("the engine refused the data"))),
        }
    }

    /// Says that all data has come, and waits until it is stored.
    pub(crate) fn done(mut self) -> Result<Progress, Exception> {
        self.ended = true;
        let library = self.connection.library;
        // SAFETY: the handle is live and not yet ended.
        let result = unsafe { (library.insert_done)(self.handle.as_ptr()) };
        // SAFETY: `result` was just made by the library and is used nowhere else.
        unsafe { library.take(result) }.map(|output| output.progress)
    }

    fn error(&self) -> Option<Exception> {
        // SAFETY: the handle is live; an error is null or NUL-terminated text that lives as long as the handle.
        let error = unsafe { (self.connection.library.insert_error)(self.handle.as_ptr()) };
        if error.is_null() {
            return None;
        }
        // SAFETY: see above.
        Some(Exception::parse(&unsafe { CStr::from_ptr(error) }.to_string_lossy()))
    }
}

impl Drop for Insert<'_> {
    fn drop(&mut self) {
        let library = self.connection.library;
        // SAFETY: the handle is live; destroyed only here.
        unsafe {
            if !self.ended {
                (library.insert_cancel)(self.handle.as_ptr());
            }
            (library.insert_destroy)(self.handle.as_ptr());
        }
    }
}
