//! What a work order makes: each product, then its materials and the work on it.

use domain::{Document, ErpId, Input, Line, Object, RecordId, TenantId, Text, value::normal};
use rust_decimal::Decimal;

use crate::{reader::Reader, wording::MakingTexts};

/// A product, a material or a kind of work.
pub(crate) struct MakingRow {
    /// The product's page.
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) role: &'static str,
    pub(crate) planned: String,
    pub(crate) done: String,
    pub(crate) cost: String,
}

/// The rows of a work order; none of another document, or of one whose lines say nothing of how they are made.
pub(crate) fn rows(document: &Document, tenant: &TenantId, reader: &Reader<'_>) -> Vec<MakingRow> {
    let t = MakingTexts::of(reader.language);
    let teller = Teller { document, tenant, reader };
    let of_line = |line: &Line| {
        let inputs = |role, inputs: &[Input]| inputs.iter().map(|one| teller.input(role, one)).collect::<Vec<_>>();
        let product = teller.product(t.product, line);
        let materials = inputs(t.material, &line.making.materials);
        std::iter::once(product).chain(materials).chain(inputs(t.work, &line.making.work)).collect::<Vec<_>>()
    };
    document.lines.iter().filter(|line| !line.making.is_empty()).flat_map(of_line).collect()
}

struct Teller<'a> {
    document: &'a Document,
    tenant: &'a TenantId,
    reader: &'a Reader<'a>,
}

impl Teller<'_> {
    fn product(&self, role: &'static str, line: &Line) -> MakingRow {
        MakingRow {
            id: self.page(line.product),
            name: called([&line.name, &line.code], line.product),
            role,
            planned: self.amount(Some(line.amount), line.unit.as_ref()),
            done: self.amount(line.making.done, line.unit.as_ref()),
            cost: "\u{2013}".to_owned(),
        }
    }

    fn input(&self, role: &'static str, input: &Input) -> MakingRow {
        let cost = input.cost.map(|cost| self.reader.phrases().sum(normal(cost), self.document.currency));
        MakingRow {
            id: self.page(input.product),
            name: called([&input.name, &input.code], input.product),
            role,
            planned: self.amount(input.planned, input.unit.as_ref()),
            done: self.amount(input.done, input.unit.as_ref()),
            cost: cost.unwrap_or_else(|| "\u{2013}".to_owned()),
        }
    }

    fn page(&self, product: Option<ErpId>) -> Option<String> {
        product.map(|id| RecordId::for_erp(self.tenant, Object::Products, id).to_string())
    }

    fn amount(&self, amount: Option<Decimal>, unit: Option<&Text>) -> String {
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let told = amount.map(|amount| format!("{}{unit}", self.reader.phrases().decimal(normal(amount))));
        told.unwrap_or_else(|| "\u{2013}".to_owned())
    }
}

fn called(names: [&Option<Text>; 2], product: Option<ErpId>) -> String {
    let name = names.into_iter().flatten().next().map(ToString::to_string);
    name.or_else(|| product.map(|id| id.to_string())).unwrap_or_else(|| "\u{2013}".to_owned())
}
