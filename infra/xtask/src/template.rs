//! What infra/template.yaml promises and no linter knows.
//!
//! Decides whether the template describes exactly the functions that exist,
//! with the environment that `runtime` reads, and whether every right names its
//! keys. Reads plain lines; the linters of `cargo xtask ci` know the rest.

use crate::finding::Finding;
use std::collections::BTreeSet;

const PATH: &str = "infra/template.yaml";
const RULE: &str = "template";
const CODE: &str = "CodeUri: ../target/lambda/";
const NULL: &str = r#""Null": { "dynamodb:LeadingKeys": "false" }"#;

/// The environment of the functions: what `runtime` reads, no more and no less.
pub(crate) const ENVIRONMENT: &[&str] = &[
    "API_REQUESTS_PER_SECOND",
    "ERP_CALLS_PER_SECOND",
    "ERP_HOSTS",
    "FILES_BUCKET",
    "JWKS_URL",
    "JWT_AUDIENCE",
    "JWT_ISSUER",
    "LOG_LEVEL",
    "PUBLIC_WEBHOOK_URL",
    "QUEUE_URL",
    "SECRETS_PREFIX",
    "SIGNING_KEY",
    "TABLE_NAME",
];

/// What the template says that is not so, or leaves open.
pub(crate) fn check(text: &str, functions: &[&str]) -> Vec<Finding> {
    [check_functions(text, functions), check_environment(text), check_rights(text), check_lines(text)].concat()
}

/// Names that `runtime` reads and the template does not set: Lambda does, or the local runner.
const SET_BY_OTHERS: &[&str] = &["AWS_LAMBDA_FUNCTION_NAME", "SECRETS_FILE"];

/// Whether the reader of the environment reads what the template sets. `text` is runtime's config.rs.
pub(crate) fn check_reader(path: &str, text: &str) -> Vec<Finding> {
    let product = text.split("#[cfg(test)]").next().unwrap_or(text);
    let is_name = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let reads: BTreeSet<&str> = product.split('"').skip(1).step_by(2).filter(is_name).collect();
    let set: BTreeSet<&str> = ENVIRONMENT.iter().copied().collect();
    let finding = |message, remedy| Finding::failure(path, 0, RULE, message, remedy);
    let unset = reads.difference(&set).filter(|name| !SET_BY_OTHERS.contains(name)).map(|name| {
        finding(
            format!("reads {name}, which the template does not set"),
            "set it there and in infra/xtask/src/template.rs",
        )
    });
    let unread = set.difference(&reads).map(|name| {
        finding(
            format!("does not read {name}, which the template sets"),
            "remove it there and in infra/xtask/src/template.rs",
        )
    });
    unset.chain(unread).collect()
}

fn failure(line: usize, message: String, remedy: &'static str) -> Finding {
    Finding::failure(PATH, line, RULE, message, remedy)
}

fn check_functions(text: &str, functions: &[&str]) -> Vec<Finding> {
    let described: BTreeSet<&str> = text.lines().filter_map(|line| line.trim().strip_prefix(CODE)).collect();
    let existing: BTreeSet<&str> = functions.iter().copied().collect();
    let missing = existing.difference(&described).map(|function| {
        failure(0, format!("functions/{function} is not in the template"), "describe it, with a role of its own")
    });
    let gone = described.difference(&existing).map(|function| {
        failure(0, format!("{function} is in the template but not under functions/"), "remove it, or write it")
    });
    missing.chain(gone).collect()
}

fn check_environment(text: &str) -> Vec<Finding> {
    let is_variable = |name: &&str| name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let set: BTreeSet<&str> =
        text.lines().filter_map(|line| line.trim().split_once(':')).map(|(name, _)| name).filter(is_variable).collect();
    let read: BTreeSet<&str> = ENVIRONMENT.iter().copied().collect();
    let missing = read.difference(&set).map(|name| {
        failure(
            0,
            format!("no function gets {name}"),
            "set it where it is read, or remove it from infra/xtask/src/template.rs",
        )
    });
    let unknown = set.difference(&read).map(|name| {
        failure(0, format!("nobody reads {name}"), "remove it, or add it to infra/xtask/src/template.rs and to runtime")
    });
    missing.chain(unknown).collect()
}

/// Each statement about the table names the partition keys it is for.
fn check_rights(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut line = 1;
    for part in text.split_inclusive("- Sid: ").map(|part| part.trim_end_matches("- Sid: ")) {
        let statement = part.split("\n\n").next().unwrap_or(part);
        let is_about_the_table =
            statement.contains("Effect: Allow") && statement.contains("dynamodb:") && !is_about_a_stream(statement);
        if is_about_the_table && !(statement.contains("ForAllValues:String") && statement.contains(NULL)) {
            findings.push(failure(
                line,
                "a right on the table that does not name its partition keys".to_owned(),
                "add ForAllValues on dynamodb:LeadingKeys and the Null condition beside it",
            ));
        }
        line += part.matches('\n').count();
    }
    findings
}

/// A right on a stream names no keys: a stream has none to name.
fn is_about_a_stream(statement: &str) -> bool {
    const READING: [&str; 4] =
        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
    let rest = READING.iter().fold(statement.to_owned(), |text, right| text.replace(right, ""));
    statement.contains("/stream/*\"") && !statement.contains("Table.Arn\n") && !rest.contains("dynamodb:")
}

fn check_lines(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.starts_with('#') {
            continue;
        }
        if ["dynamodb:Scan", "dynamodb:PartiQL", "dynamodb:*"].iter().any(|right| bare.contains(right)) {
            findings.push(failure(
                n + 1,
                format!("`{bare}` lets somebody scan"),
                "name the actions that the code uses",
            ));
        }
        if ["Resource: \"*\"", "Resource: '*'", "Resource: [\"*\"]"].iter().any(|all| bare.contains(all)) {
            findings.push(failure(n + 1, "a right on everything".to_owned(), "name the resource"));
        }
        let value = bare.split_once(": ").map_or(bare, |(_, value)| value);
        if value.starts_with('&') || value.starts_with('*') {
            findings.push(failure(
                n + 1,
                "a YAML alias".to_owned(),
                "CloudFormation does not read aliases: write it out",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Package, Workspace, root};

    fn template() -> String {
        std::fs::read_to_string(root().join(PATH)).expect("the template is there")
    }

    fn messages(text: &str, functions: &[&str]) -> Vec<String> {
        check(text, functions).into_iter().map(|f| f.message).collect()
    }

    const FUNCTIONS: &[&str] = &["webhook", "schedule", "sync", "automation", "crm-api", "console"];

    #[test]
    fn the_template_describes_the_functions_that_exist() {
        let workspace = Workspace::load().expect("the workspace is readable");
        let functions: Vec<_> = workspace.functions().filter_map(Package::function).collect();
        assert_eq!(check(&template(), &functions), []);
    }

    #[test]
    fn a_function_on_one_side_only_fails() {
        assert_eq!(messages(&template(), &[FUNCTIONS, &["ai"]].concat()), ["functions/ai is not in the template"]);
        assert_eq!(messages(&template(), &FUNCTIONS[1..]), ["webhook is in the template but not under functions/"]);
    }

    #[test]
    fn an_environment_that_nobody_reads_or_sets_fails() {
        let text = template().replace("JWKS_URL:", "JWKS_URI:");
        assert_eq!(messages(&text, FUNCTIONS), ["no function gets JWKS_URL", "nobody reads JWKS_URI"]);
    }

    #[test]
    fn the_reader_reads_what_the_template_sets() {
        let reads = |extra: &str| {
            ENVIRONMENT.iter().fold(extra.to_owned(), |text, name| format!("{text} self.text(\"{name}\");"))
        };
        assert_eq!(check_reader("config.rs", &reads("self.text(\"SECRETS_FILE\"); \"info\";")), []);
        assert_eq!(check_reader("config.rs", &reads("self.text(\"REGION_NAME\");")).len(), 1);
        assert_eq!(check_reader("config.rs", &reads("").replace("JWKS_URL", "x")).len(), 1);
    }

    #[test]
    fn a_right_without_its_keys_fails() {
        assert_eq!(messages(&template().replacen(NULL, "", 1), FUNCTIONS).len(), 1);
        assert_eq!(messages(&template().replacen("ForAllValues:StringLike", "Other", 1), FUNCTIONS).len(), 1);
    }

    #[test]
    fn a_right_on_a_stream_is_for_reading_it_and_nothing_else() {
        let text = template();
        let all = text.replacen("dynamodb:GetRecords", "dynamodb:GetItem", 1);
        assert_eq!(messages(&all, FUNCTIONS).len(), 1);
        let table = text.replacen("!Sub \"${Table.Arn}/stream/*\"", "!GetAtt Table.Arn", 1);
        assert_eq!(messages(&table, FUNCTIONS).len(), 1);
    }

    #[test]
    fn a_right_to_scan_or_on_everything_fails() {
        let scan = template().replacen("dynamodb:Query", "dynamodb:Scan", 1);
        assert_eq!(messages(&scan, FUNCTIONS).len(), 1);
        let all = template().replacen("Resource: !GetAtt WorkQueue.Arn", "Resource: \"*\"", 1);
        assert_eq!(messages(&all, FUNCTIONS), ["a right on everything"]);
    }

    #[test]
    fn an_alias_fails() {
        let text = template().replacen("Action: dynamodb:GetItem", "Action: *reads", 1);
        assert_eq!(messages(&text, FUNCTIONS), ["a YAML alias"]);
    }
}
