//! What a product's page is asked: how much of it is wanted, and by whom.

use app::{
    offering::{self, Meant},
    registers,
};
use domain::pricing::Asked;
use domain::{Contact, Currency, ErpId, Object, Product, Record, RecordId};
use rust_decimal::Decimal;
use store::{Stored, Tenant};

use super::record_page::{Looking, Question};
use crate::{
    refusal::Refusal,
    twoway::{
        deed_form::amount,
        offering::{OfferingView, PriceForm, PriceView, StockView, categories},
    },
    wording::OfferTexts,
};

/// The customer that an id leads to, by the CRM's id or the ERP's. One that the ERP does not have yet is nobody there.
async fn customer(tenant: &Tenant, text: &str) -> Result<Option<Option<Box<Contact>>>, Refusal> {
    let by_erp = text.parse::<ErpId>().ok().map(|id| RecordId::for_erp(tenant.id(), Object::Contacts, id).to_string());
    for id in [Some(text.to_owned()), by_erp].into_iter().flatten() {
        match offering::find(tenant, Object::Contacts, [id.as_str()]).await?.remove(&id) {
            None => {}
            Some(Meant::Open) => return Ok(Some(None)),
            Some(Meant::Record(stored)) => {
                return Ok(Some(match stored.record {
                    Record::Contact(contact) => Some(contact),
                    _ => None,
                }));
            }
        }
    }
    Ok(None)
}

/// An amount as it was written: 1 when nothing was.
fn wanted(text: Option<&str>) -> Option<Decimal> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Some(Decimal::ONE),
        Some(text) => amount(text).filter(|amount| *amount > Decimal::ZERO),
    }
}

impl Looking<'_> {
    /// What can be sold of a product; `None` for other records.
    pub(super) async fn offering(
        &self,
        stored: Option<&Stored>,
        question: &Question,
    ) -> Result<Option<OfferingView>, Refusal> {
        let product = stored.and_then(|stored| Some((stored, offering::as_product(&stored.record)?)));
        let Some((stored, product)) = product else { return Ok(None) };
        let reader = self.reader();
        let texts = OfferTexts::of(reader.language);
        let today = offering::today(&self.shared.console.services);
        let outlook = offering::of_product(self.tenant, stored, today).await?;
        let known = registers::known(self.tenant).await?;
        let asked = wanted(question.amount.as_deref());
        let (form, price) = self.price(product, question).await?;
        Ok(Some(OfferingView {
            amount: question.amount.clone().unwrap_or_else(|| "1".to_owned()),
            amount_fault: asked.is_none().then_some(texts.bad_amount),
            stock: Some(StockView::of(&outlook, asked.unwrap_or(Decimal::ONE), &known, today, &reader)),
            form,
            price,
            categories: categories(product),
        }))
    }

    /// The form for a price, and the price when one was asked for.
    async fn price(&self, product: &Product, question: &Question) -> Result<(PriceForm, Option<PriceView>), Refusal> {
        let reader = self.reader();
        let texts = OfferTexts::of(reader.language);
        let today = offering::today(&self.shared.console.services);
        let or = |text: &Option<String>, usual: &str| text.clone().unwrap_or_else(|| usual.to_owned());
        let mut form = PriceForm {
            customer: or(&question.customer, ""),
            amount: or(&question.price_amount, "1"),
            day: or(&question.day, &today.to_string()),
            currency: or(&question.currency, "EUR"),
            ..PriceForm::default()
        };
        if question.price_amount.is_none() {
            return Ok((form, None));
        }
        let amount = wanted(Some(&form.amount));
        let day = form.day.trim().parse().ok();
        let currency = form.currency.trim().to_uppercase().parse::<Currency>().ok();
        let name = form.customer.trim().to_owned();
        let buyer = if name.is_empty() { Some(None) } else { customer(self.tenant, &name).await? };
        form.amount_fault = amount.is_none().then_some(texts.bad_amount);
        form.day_fault = day.is_none().then_some(texts.bad_day);
        form.currency_fault = currency.is_none().then_some(texts.bad_currency);
        form.customer_fault = buyer.is_none().then_some(texts.no_customer);
        let (Some(amount), Some(day), Some(currency), Some(buyer)) = (amount, day, currency, buyer) else {
            return Ok((form, None));
        };
        let asked = Asked { contact: buyer.as_deref(), amount, day, currency };
        let who = buyer.as_ref().map(|buyer| buyer.name.to_string()).or((!name.is_empty()).then_some(name));
        let view = PriceView::of(product, asked, who, &reader);
        Ok((form, Some(view)))
    }
}
