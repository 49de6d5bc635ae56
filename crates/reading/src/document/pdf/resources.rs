//! What a page or form may use by name: fonts, images and forms.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document as Pdf, Object, ObjectId};

use super::fonts::Font;

/// Names of one kind that are looked at.
const NAMES_MAX: usize = 2_000;

/// The resources of one page or form.
#[derive(Default)]
pub(super) struct Resources {
    pub(super) fonts: BTreeMap<Vec<u8>, Font>,
    pub(super) objects: BTreeMap<Vec<u8>, ObjectId>,
}

/// Those of a page, its own before those of its ancestors.
pub(super) fn of_page(pdf: &Pdf, page: ObjectId) -> Resources {
    let mut resources = Resources::default();
    let Ok((own, inherited)) = pdf.get_page_resources(page) else {
        return resources;
    };
    let inherited = inherited.into_iter().filter_map(|id| pdf.get_dictionary(id).ok());
    for dictionary in own.into_iter().chain(inherited) {
        resources.add(pdf, dictionary);
    }
    resources
}

/// Those of a form, by its dictionary.
pub(super) fn of_form(pdf: &Pdf, form: &Dictionary) -> Option<Resources> {
    let mut resources = Resources::default();
    resources.add(pdf, dictionary(pdf, form, b"Resources")?);
    Some(resources)
}

impl Resources {
    fn add(&mut self, pdf: &Pdf, resources: &Dictionary) {
        if let Some(fonts) = dictionary(pdf, resources, b"Font") {
            for (name, font) in fonts.iter().take(NAMES_MAX) {
                let font = pdf.dereference(font).ok().and_then(|(_, font)| font.as_dict().ok());
                if let Some(font) = font {
                    self.fonts.entry(name.clone()).or_insert_with(|| Font::new(pdf, font));
                }
            }
        }
        if let Some(objects) = dictionary(pdf, resources, b"XObject") {
            for (name, object) in objects.iter().take(NAMES_MAX) {
                if let Object::Reference(id) = object {
                    self.objects.entry(name.clone()).or_insert(*id);
                }
            }
        }
    }
}

fn dictionary<'p>(pdf: &'p Pdf, within: &'p Dictionary, key: &[u8]) -> Option<&'p Dictionary> {
    let (_, object) = pdf.dereference(within.get(key).ok()?).ok()?;
    object.as_dict().ok()
}
