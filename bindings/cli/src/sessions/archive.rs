//! Sessions of a store that become other sessions or files, and files that become sessions.

use codriver::Result;
use codriver::store::SessionStore;
use serde_json::json;

use super::command::{Export, Fork, Import};
use crate::output::{Output, printable};

pub(super) async fn fork(store: &SessionStore, Fork { id, new_id }: &Fork, out: Output) -> Result<()> {
    store.fork_session(id, new_id).await?;
    out.json(json!({ "forked": { "from": id, "to": new_id } }));
    out.line(format_args!("forked {} to {}", printable(id), printable(new_id)));
    Ok(())
}

pub(super) async fn export(store: &SessionStore, Export { id, file }: &Export, out: Output) -> Result<()> {
    let manifest = store.export_session_to_file(id, file).await?;
    let (files, bytes) = (manifest.files.len(), manifest.files.iter().map(|file| file.size).sum::<u64>());
    out.json(json!({ "exported": { "sessionId": id, "file": file, "files": files, "bytes": bytes } }));
    let file = file.display().to_string();
    out.line(format_args!(
        "exported {} to {}: {files} files, {bytes} bytes",
        printable(id),
        printable(&file)
    ));
    Ok(())
}

pub(super) async fn import(store: &SessionStore, Import { file, id }: &Import, out: Output) -> Result<()> {
    let id = store.import_session_from_file(file, id.as_deref()).await?;
    out.json(json!({ "imported": { "sessionId": id } }));
    out.line(format_args!("imported {}", printable(&id)));
    Ok(())
}
