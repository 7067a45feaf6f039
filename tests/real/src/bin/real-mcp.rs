//! An MCP server over stdio, one JSON object a line: the tool `echo` answers with the parameters it was called with, the
//! tool `ask` asks the user for a name by elicitation and answers with the result.

use std::io::{BufRead, Write};

use serde_json::{Value, json};

const QUESTION: &str = "question";

fn main() -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    let mut asking = Value::Null;
    for line in std::io::stdin().lock().lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
        let reply = match message["method"].as_str() {
            Some("initialize") => answer(&message["id"], initialized(&message["params"])),
            Some("tools/list") => {
                answer(&message["id"], json!({"tools": [described("echo"), described("ask")]}))
            }
            Some("tools/call") if message["params"]["name"] == "ask" => {
                asking = message["id"].clone();
                question()
            }
            Some("tools/call") => answer(&message["id"], said(&message["params"])),
            Some(_) if !message["id"].is_null() => answer(&message["id"], json!({})),
            None if message["id"] == QUESTION => answer(&asking, said(&message["result"])),
            _ => continue,
        };
        writeln!(output, "{reply}")?;
        output.flush()?;
    }
    Ok(())
}

fn initialized(params: &Value) -> Value {
    json!({
        "protocolVersion": params["protocolVersion"],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "real-mcp", "version": "1"},
    })
}

fn described(name: &str) -> Value {
    json!({"name": name, "description": name, "inputSchema": {"type": "object", "properties": {}}})
}

fn question() -> Value {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]});
    let params = json!({"message": "your name?", "requestedSchema": schema});
    json!({"jsonrpc": "2.0", "id": QUESTION, "method": "elicitation/create", "params": params})
}

fn said(value: &Value) -> Value {
    json!({"content": [{"type": "text", "text": value.to_string()}]})
}

fn answer(id: &Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}
