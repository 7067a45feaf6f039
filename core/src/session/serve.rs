//! Requests of the runtime that are answered as requests: the filesystem, hooks, input, modes, transforms, tokens.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::core::{Scope, SessionCore};
use super::handlers::Handler;
use super::invoke::{Failure, invoke};
use crate::error::RpcError;
use crate::protocol::hooks::HookInput;
use crate::protocol::methods;
use crate::protocol::requests::defaults::{self, Question, Unhandled};
use crate::rpc::inbound::Responder;
use crate::rpc::message::{Answer, answer};

/// Serves one request. On the read task: the filesystem's order is taken here, all else is spawned.
pub(crate) fn request(core: &Arc<SessionCore>, responder: Responder, method: &str, params: &Bytes) {
    if method.starts_with(methods::SESSION_FS_PREFIX) {
        return filesystem(core, responder, method, params);
    }
    let h = &core.handlers;
    match method {
        methods::HOOKS_INVOKE => hook(core, responder, params),
        methods::USER_INPUT_REQUEST => {
            let failed = |failure: &Failure| refused(failure);
            ask(core, responder, Question::UserInput, h.user_input.as_ref(), params, failed);
        }
        methods::EXIT_PLAN_MODE_REQUEST => {
            let failed = |_: &Failure| answer(&defaults::exit_plan_mode_failed());
            ask(core, responder, Question::ExitPlanMode, h.exit_plan_mode.as_ref(), params, failed);
        }
        methods::AUTO_MODE_SWITCH_REQUEST => {
            let failed = |_: &Failure| answer(&defaults::auto_mode_switch_failed());
            ask(core, responder, Question::AutoModeSwitch, h.auto_mode_switch.as_ref(), params, failed);
        }
        methods::SYSTEM_MESSAGE_TRANSFORM => transform(core, responder, params),
        methods::PROVIDER_TOKEN_GET => token(core, responder, params),
        _ => responder.answer(&Err(unknown(method))),
    }
}

/// The refusal of a method that nobody here knows.
pub(crate) fn unknown(method: &str) -> RpcError {
    RpcError::new(RpcError::METHOD_NOT_FOUND, format!("Unhandled method {method}"))
}

fn refused(failure: &Failure) -> Answer {
    Err(match failure {
        Failure::Cancelled => RpcError::new(RpcError::CANCELLED, "the request was cancelled"),
        failure => RpcError::new(RpcError::INTERNAL, failure.to_string()),
    })
}

/// What a request gets that no handler is set for.
fn unhandled(question: Question) -> Answer {
    match defaults::without_handler(question) {
        Unhandled::Answer(value) => answer(&value),
        // A request cannot stay open as an event can: somebody waits for the answer (DESIGN I2).
        Unhandled::Open | Unhandled::Refuse => {
            Err(RpcError::new(RpcError::METHOD_NOT_FOUND, "no handler is set for this request"))
        }
    }
}

fn bad_params(method: &str, error: &serde_json::Error) -> Answer {
    Err(RpcError::new(RpcError::INVALID_PARAMS, format!("`{method}`: {error}")))
}

fn filesystem(core: &Arc<SessionCore>, responder: Responder, method: &str, params: &Bytes) {
    let Some(fs) = core.fs() else {
        return responder.answer(&Err(unknown(method)));
    };
    let raw = match serde_json::from_slice::<&RawValue>(params) {
        Ok(raw) => raw,
        Err(error) => return responder.answer(&bad_params(method, &error)),
    };
    let _guard = core.runtime.enter();
    let outcome = fs.handle(method, raw);
    core.runtime.spawn(async move {
        responder.answer(&outcome.await);
    });
}

/// Decodes the parameters, lets the handler answer, and sends that or what `failed` says.
fn ask<Request, Response>(
    core: &Arc<SessionCore>,
    responder: Responder,
    question: Question,
    handler: Option<&Handler<Request, Response>>,
    params: &Bytes,
    failed: impl FnOnce(&Failure) -> Answer + Send + 'static,
) where
    Request: for<'de> Deserialize<'de> + Send + 'static,
    Response: Serialize + Send + 'static,
{
    let Some(handler) = handler else { return responder.answer(&unhandled(question)) };
    match serde_json::from_slice::<Request>(params) {
        Ok(request) => {
            respond(core, responder, question, question.place(), handler, request, |outcome| match outcome {
                Ok(response) => answer(&response),
                Err(failure) => failed(&failure),
            })
        }
        Err(error) => responder.answer(&bad_params(question.place(), &error)),
    }
}

/// [`invoke`] for a request: its cancellation hangs on its scope and on the request itself.
fn respond<Request, Response>(
    core: &Arc<SessionCore>,
    responder: Responder,
    question: Question,
    place: impl Into<String>,
    handler: &Handler<Request, Response>,
    request: Request,
    answer: impl FnOnce(Result<Response, Failure>) -> Answer + Send + 'static,
) where
    Request: Send + 'static,
    Response: Send + 'static,
{
    let cancellation = core.cancellation(Scope::of(question, false), None);
    let (by_peer, handlers) = (responder.cancelled().clone(), cancellation.clone());
    core.runtime.spawn(async move {
        // Ends with whichever comes first; a settled handler's token is cancelled by nobody, so its end counts too.
        tokio::select! {
            () = by_peer.cancelled() => handlers.cancel(),
            () = handlers.cancelled() => {}
        }
    });
    let settled = cancellation.clone();
    invoke(core, place, handler, request, cancellation, async move |outcome| {
        responder.answer(&answer(outcome));
        settled.cancel();
    });
}

fn hook(core: &Arc<SessionCore>, responder: Responder, params: &Bytes) {
    let input = match serde_json::from_slice::<HookInput>(params) {
        Ok(input) => input,
        Err(error) => return responder.answer(&bad_params(methods::HOOKS_INVOKE, &error)),
    };
    let kind = input.kind();
    let Some(handler) = core.handlers.hooks.get(&kind) else {
        return responder.answer(&unhandled(Question::Hook));
    };
    respond(
        core,
        responder,
        Question::Hook,
        format!("hook {}", kind.as_str()),
        handler,
        input,
        move |outcome| {
            let output = match outcome {
                Ok(output) => output,
                Err(failure) => defaults::hook_failed(kind, failure),
            };
            if output.is_empty() { answer(&json!({})) } else { answer(&json!({ "output": output })) }
        },
    );
}

/// Sections are transformed one after the other; one whose handler fails keeps its content.
fn transform(core: &Arc<SessionCore>, responder: Responder, params: &Bytes) {
    #[derive(Deserialize)]
    struct Params {
        sections: Map<String, Value>,
    }
    let sections = match serde_json::from_slice::<Params>(params) {
        Ok(params) => params.sections,
        Err(error) => return responder.answer(&bad_params(methods::SYSTEM_MESSAGE_TRANSFORM, &error)),
    };
    let gathered = Arc::new(std::sync::Mutex::new(Gather {
        responder: Some(responder),
        left: sections.len(),
        sections,
    }));
    let ids: Vec<(String, String)> = {
        let gather = gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let text =
            |value: &Value| value.get("content").and_then(Value::as_str).unwrap_or_default().to_owned();
        gather.sections.iter().map(|(id, value)| (id.clone(), text(value))).collect()
    };
    if ids.is_empty() {
        Gather::done(&gathered, 0);
    }
    for (id, content) in ids {
        let gathered = gathered.clone();
        let Some(handler) = core.handlers.system_message.get(&id) else {
            Gather::done(&gathered, 1);
            continue;
        };
        let place = format!("system_message {id}");
        invoke(
            core,
            place,
            handler,
            content,
            core.cancellation(Scope::Session, None),
            async move |outcome| {
                if let Ok(content) = outcome {
                    let mut gather = gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    gather.sections.insert(id, json!({ "content": content }));
                }
                Gather::done(&gathered, 1);
            },
        );
    }
}

/// The sections of one transform on their way back into one answer.
struct Gather {
    responder: Option<Responder>,
    left: usize,
    sections: Map<String, Value>,
}

impl Gather {
    fn done(gathered: &std::sync::Mutex<Gather>, count: usize) {
        let mut gather = gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        gather.left -= count;
        if gather.left == 0
            && let Some(responder) = gather.responder.take()
        {
            responder.answer(&answer(&json!({ "sections": gather.sections })));
        }
    }
}

fn token(core: &Arc<SessionCore>, responder: Responder, params: &Bytes) {
    let Some(handler) = core.handlers.provider_token.as_ref() else {
        return responder.answer(&unhandled(Question::ProviderToken));
    };
    match serde_json::from_slice(params) {
        Ok(request) => {
            let place = Question::ProviderToken.place();
            respond(
                core,
                responder,
                Question::ProviderToken,
                place,
                handler,
                request,
                |outcome| match outcome {
                    Ok(token) => answer(&json!({ "token": token })),
                    Err(failure) => refused(&failure),
                },
            );
        }
        Err(error) => responder.answer(&bad_params(methods::PROVIDER_TOKEN_GET, &error)),
    }
}
