//! Emits `generated/mod.rs` and `any.rs`: the services under one roof.

use super::emit::literal;
use super::model::Model;
use super::names::service_type;

/// The text of `generated/mod.rs`.
pub fn module(models: &[Model]) -> String {
    let modules: String = models.iter().map(|model| format!("pub mod {};\n", model.service())).collect();
    format!(
        "//! What is generated from AWS's models: a module for each service, and the enums over all of them.\n\n\
         mod any;\n{modules}\n\
         pub use any::{{AnyInput, AnyOperation, AnyOutput, ServiceId}};\n\
         pub(crate) use any::{{decode, encode, route, schema}};\n"
    )
}

/// The text of `generated/any.rs`.
pub fn file(models: &[Model]) -> String {
    let modules: Vec<&str> = models.iter().map(Model::service).collect();
    let head = format!(
        "//! Every service's operations, inputs and outputs in one enum each.\n\n\
         use super::{{{}}};\n\
         use crate::convert::IntoValue;\nuse crate::error::ServiceError;\n\
         use crate::http::{{HttpRequest, HttpResponse}};\nuse crate::model::Model;\nuse crate::schema::Service;\n\
         use crate::value::Value;\n\n",
        modules.join(", ")
    );
    let operations = enumeration(models, "AnyOperation", "Operation", "An operation of any service.");
    let inputs = enumeration(models, "AnyInput", "Input", "The input of a built operation of any service.");
    let outputs =
        enumeration(models, "AnyOutput", "Output", "The output of a built operation of any service.");
    head + &service_id(models) + &operations + &inputs + &outputs + &dispatch(models)
}

/// A function whose body is a match with an arm for each service.
fn matching(models: &[Model], head: &str, on: &str, arm: impl Fn(&Model, &str) -> String) -> String {
    let arms: String =
        models.iter().map(|model| arm(model, &service_type(model.service())) + ",\n").collect();
    format!("{head} {{\nmatch {on} {{\n{arms}}}\n}}\n\n")
}

fn service_id(models: &[Model]) -> String {
    let variants = models.iter().map(|model| {
        format!("/// {}.\n{},\n", model.metadata("serviceFullName"), service_type(model.service()))
    });
    let all = models.iter().map(|model| format!("Self::{},\n", service_type(model.service())));
    let name = "/// The service's name in lower case, which is also its prefix in IAM actions.\n#[must_use]\n\
                pub fn name(self) -> &'static str";
    let signing =
        "/// The service in a credential scope.\n#[must_use]\npub fn signing_name(self) -> &'static str";
    let text = |variant: &str, text: &str| format!("Self::{variant} => {}", literal(text));
    format!(
        "/// A service.\n#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]\n\
         pub enum ServiceId {{\n{}}}\n\n\
         impl ServiceId {{\n/// Every service.\npub const ALL: [Self; {}] = [{}];\n\n{}{}\
         /// The service of a credential scope.\n#[must_use]\n\
         pub fn from_signing_name(name: &str) -> Option<Self> {{\n\
         Self::ALL.into_iter().find(|service| service.signing_name() == name)\n}}\n}}\n\n",
        variants.collect::<String>(),
        models.len(),
        all.collect::<String>(),
        matching(models, name, "self", |model, variant| text(variant, model.service())),
        matching(models, signing, "self", |model, variant| text(variant, signing_name(model))),
    )
}

fn signing_name(model: &Model) -> &str {
    match model.metadata("signingName") {
        "" => model.metadata("endpointPrefix"),
        name => name,
    }
}

/// An enum over the services' enums of a kind, with what all of these can tell.
fn enumeration(models: &[Model], name: &str, inner: &str, what: &str) -> String {
    let is_operation = inner == "Operation";
    let derives =
        if is_operation { "Clone, Copy, Debug, PartialEq, Eq, Hash" } else { "Clone, Debug, PartialEq" };
    let mut out = format!("/// {what}\n#[derive({derives})]\npub enum {name} {{\n");
    for model in models {
        let (module, variant) = (model.service(), service_type(model.service()));
        out += &format!("/// Of {variant}.\n{variant}({module}::{inner}),\n");
    }
    out += &format!("}}\n\nimpl {name} {{\n");
    let head = |words: &str, function: &str| format!("/// {words}\n#[must_use]\npub fn {function}");
    out += &matching(models, &head("The service.", "service(&self) -> ServiceId"), "self", |_, variant| {
        format!("Self::{variant}(_) => ServiceId::{variant}")
    });
    let call = if is_operation { "name()" } else { "operation().name()" };
    let function = head("The operation's name.", "operation_name(&self) -> &'static str");
    out +=
        &matching(models, &function, "self", |_, variant| format!("Self::{variant}(inner) => inner.{call}"));
    if is_operation {
        let function = head("Whether Rolecall builds the operation.", "is_built(&self) -> bool");
        out += &matching(models, &function, "self", |_, variant| {
            format!("Self::{variant}(inner) => inner.is_built()")
        });
    } else {
        let function = head("The operation.", "operation(&self) -> AnyOperation");
        out += &matching(models, &function, "self", |_, variant| {
            format!("Self::{variant}(inner) => AnyOperation::{variant}(inner.operation())")
        });
    }
    out += "}\n\n";
    if !is_operation {
        let arms = |_: &Model, variant: &str| format!("Self::{variant}(inner) => inner.into_value()");
        let function = matching(models, "fn into_value(self) -> Value", "self", arms);
        out += &format!("impl IntoValue for {name} {{\n{function}}}\n\n");
    }
    out + &conversions(models, name, inner)
}

fn conversions(models: &[Model], name: &str, inner: &str) -> String {
    let conversion = |model: &Model| {
        let inner = format!("{}::{inner}", model.service());
        let variant = service_type(model.service());
        format!(
            "impl From<{inner}> for {name} {{\nfn from(inner: {inner}) -> Self {{\nSelf::{variant}(inner)\n}}\n}}\n\n"
        )
    };
    models.iter().map(conversion).collect()
}

fn dispatch(models: &[Model]) -> String {
    let schema = "/// The tables of a service.\npub(crate) fn schema(service: ServiceId) -> &'static Service";
    let route = "pub(crate) fn route(service: ServiceId, request: &HttpRequest) -> Result<AnyOperation, ServiceError>";
    let decode = "pub(crate) fn decode(operation: AnyOperation, request: &HttpRequest) -> Result<AnyInput, ServiceError>";
    let encode = "pub(crate) fn encode(output: AnyOutput, request_id: &str) -> HttpResponse";
    let model = |model: &Model, variant: &str| format!("{}::{variant}Model", model.service());
    matching(models, schema, "service", |model, variant| {
        format!("ServiceId::{variant} => &{}::schema::SCHEMA", model.service())
    }) + &matching(models, route, "service", |service, variant| {
        let model = model(service, variant);
        format!("ServiceId::{variant} => {model}::route(request).map(AnyOperation::{variant})")
    }) + &matching(models, decode, "operation", |service, variant| {
        let model = model(service, variant);
        format!(
            "AnyOperation::{variant}(operation) => {model}::decode(operation, request).map(AnyInput::{variant})"
        )
    }) + &matching(models, encode, "output", |service, variant| {
        format!("AnyOutput::{variant}(output) => {}::encode(output, request_id)", model(service, variant))
    })
}
