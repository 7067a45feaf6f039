//! What a program is asked.

use std::ptr;

use codriver_ffi_support::{FsOperation, FsReply, FsRequest, Request, fail, respond, respond_fs};

use crate::error::codriver_error;
use crate::gate::enter;
use crate::status::codriver_status;
use crate::text::codriver_str;

/// A question to the program.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct codriver_request {
    /// `sizeof(codriver_request)`, as the library knows it.
    pub struct_size: usize,
    /// What the answer names; never used again.
    pub call_id: u64,
    /// The session that asks.
    pub session: u64,
    /// The runtime's id of it.
    pub session_id: codriver_str,
    /// `permission`, `tool`, `userInput`, `elicitation`, `exitPlanMode`, `autoModeSwitch`, `hook`, `systemMessage`, `command`,
    /// `mcpAuth`, `mcpHeaders`, `sampling`, `sessionLimits` or `providerToken`.
    pub kind: codriver_str,
    /// Which one of its kind: the tool, the hook, the section, the command; else empty.
    pub name: codriver_str,
    /// The question as JSON, with the wire's names.
    pub payload: codriver_str,
}

impl codriver_request {
    pub(crate) fn of(request: &Request) -> Self {
        codriver_request {
            struct_size: size_of::<codriver_request>(),
            call_id: request.call_id,
            session: request.session,
            session_id: codriver_str::of(&request.session_id),
            kind: codriver_str::of(request.kind),
            name: codriver_str::of(&request.name),
            payload: codriver_str::of(&request.payload),
        }
    }
}

/// What a filesystem is asked, and what it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum codriver_fs_op {
    /// The content of `path`: `codriver_respond_content`.
    CODRIVER_FS_READ = 1,
    /// Replace the content of `path` by `content`, or make the file, with its parents: `codriver_respond` with `null`.
    CODRIVER_FS_WRITE = 2,
    /// Add `content` to the end of `path`, or make the file, with its parents: `null`.
    CODRIVER_FS_APPEND = 3,
    /// Whether something is at `path`: `true` or `false`.
    CODRIVER_FS_EXISTS = 4,
    /// `{"kind": "file" or "directory", "size", "modifiedMs", "createdMs"}` of `path`.
    CODRIVER_FS_STAT = 5,
    /// Make the directory `path`, with its parents where `recursive`; fine where it is there: `null`.
    CODRIVER_FS_MKDIR = 6,
    /// What is directly in `path`: `[{"name", "kind"}, …]`.
    CODRIVER_FS_READ_DIR = 7,
    /// Remove `path`, a directory with all in it where `recursive`; with `force` it is fine where nothing is there: `null`.
    CODRIVER_FS_REMOVE = 8,
    /// Move `path` to `to`, which is replaced where it is a file: `null`.
    CODRIVER_FS_RENAME = 9,
}

/// A call of the program's own filesystem. Paths are absolute and normalised. What is not there is
/// `CODRIVER_FS_NOT_FOUND`; a program that cannot tell fails with `CODRIVER_FS_IO`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct codriver_fs_request {
    /// `sizeof(codriver_fs_request)`, as the library knows it.
    pub struct_size: usize,
    /// What the answer names; never used again.
    pub call_id: u64,
    /// The runtime's id of the session whose files these are.
    pub session_id: codriver_str,
    /// What to do.
    pub op: codriver_fs_op,
    /// A POSIX mode for what is newly made; -1 where none is given.
    pub mode: i64,
    /// The file or directory.
    pub path: codriver_str,
    /// Where to (rename).
    pub to: codriver_str,
    /// The bytes (write, append).
    pub content: codriver_str,
    /// Whether parents are made, or all within is removed.
    pub recursive: bool,
    /// Whether it is fine where nothing is there.
    pub force: bool,
}

impl codriver_fs_request {
    pub(crate) fn of(request: &FsRequest) -> Self {
        use codriver_fs_op::*;
        let nothing = codriver_str { ptr: ptr::null(), len: 0 };
        let mut told = codriver_fs_request {
            struct_size: size_of::<codriver_fs_request>(),
            call_id: request.call_id,
            session_id: codriver_str::of(&request.session_id),
            op: CODRIVER_FS_READ,
            mode: -1,
            path: nothing,
            to: nothing,
            content: nothing,
            recursive: false,
            force: false,
        };
        let given = |mode: &Option<u32>| mode.map_or(-1, i64::from);
        let path = match &request.operation {
            FsOperation::Read { path } => path,
            FsOperation::Write { path, content, mode } => {
                (told.op, told.content, told.mode) =
                    (CODRIVER_FS_WRITE, codriver_str::bytes(content), given(mode));
                path
            }
            FsOperation::Append { path, content, mode } => {
                (told.op, told.content, told.mode) =
                    (CODRIVER_FS_APPEND, codriver_str::bytes(content), given(mode));
                path
            }
            FsOperation::Exists { path } => {
                told.op = CODRIVER_FS_EXISTS;
                path
            }
            FsOperation::Stat { path } => {
                told.op = CODRIVER_FS_STAT;
                path
            }
            FsOperation::Mkdir { path, recursive, mode } => {
                (told.op, told.recursive, told.mode) = (CODRIVER_FS_MKDIR, *recursive, given(mode));
                path
            }
            FsOperation::ReadDir { path } => {
                told.op = CODRIVER_FS_READ_DIR;
                path
            }
            FsOperation::Remove { path, recursive, force } => {
                (told.op, told.recursive, told.force) = (CODRIVER_FS_REMOVE, *recursive, *force);
                path
            }
            FsOperation::Rename { path, to } => {
                (told.op, told.to) = (CODRIVER_FS_RENAME, codriver_str::of(to));
                path
            }
            // All there are; a new one needs a number here.
            _ => unreachable!("an operation without a number"),
        };
        told.path = codriver_str::of(path);
        told
    }
}

/// Answers a question with JSON, from any thread. An answer that cannot be used is refused with
/// `CODRIVER_INVALID_ARGUMENT`, and the question stays open: answer again, or `codriver_fail`. `CODRIVER_BAD_HANDLE` where
/// nobody waits for it (any more).
///
/// # Safety
/// The conventions: `json` is readable during the call, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_respond(
    call_id: u64,
    json: codriver_str,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { enter(error, || respond(call_id, &json.to_text("json")?)) }
}

/// Answers `CODRIVER_FS_READ` with the content of the file, as `codriver_respond`.
///
/// # Safety
/// The conventions: `content` is readable during the call, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_respond_content(
    call_id: u64,
    content: codriver_str,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || respond_fs(call_id, FsReply::Content(content.to_bytes("content")?.into()));
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// Says that there is no answer to a question, and why: `number` is a status (for a filesystem `CODRIVER_FS_NOT_FOUND` and
/// its kin), or 0. The runtime gets the secure default of the question; `message` may get there, so put no secret into it.
///
/// # Safety
/// The conventions: `message` is readable during the call, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_fail(
    call_id: u64,
    number: u32,
    message: codriver_str,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { enter(error, || fail(call_id, number, &message.to_text("message")?)) }
}
