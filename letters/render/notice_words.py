"""The words of the validation notice, after Model Form B-1 and the phrases 12 CFR 1006.34(c) prescribes.

English headings and prompts are the regulation's own (validation_notice.md section 4). The Spanish ones follow
the Bureau's Spanish form; they are to be compared with it by counsel before first use, and a Spanish notice
accompanies or follows an English one (1006.34(e)). `*` begins and ends bold.
"""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Validation notice",
        "to": "To:",
        "reference": "Reference:",
        "phone_hours": "{phone}, {hours}",
        "lead": "{collector} is a debt collector. We are trying to collect a debt that you owe to {creditor}. "
        "We will use any information you give us to help collect the debt.",
        "information": "Our information shows:",
        "account": "You had {a_product} from {creditor} with account number {account}.",
        "then": "As of {date}, you owed:",
        "interest": "Between {date} and today, you were charged this amount in interest:",
        "fees": "Between {date} and today, you were charged this amount in fees:",
        "paid": "Between {date} and today, you paid or were credited this amount toward the debt:",
        "total": "Total amount of the debt now:",
        "reverse": "Notice: See reverse side for important information.",
        "dispute_heading": "How can you dispute the debt?",
        "dispute_1": "*Call or write to us by {end}, to dispute all or part of the debt.* If you do not, we will "
        "assume that our information is correct.",
        "dispute_2": "*If you write to us by {end},* we must stop collection on any amount you dispute until we "
        "send you information that shows you owe the debt. You may use the form below or write to us without the "
        "form. You may also include supporting documents.{electronic}",
        "dispute_electronic": " We accept disputes electronically at {url}.",
        "else_heading": "What else can you do?",
        "else_1": "*Write to ask for the name and address of the original creditor, if different from the current "
        "creditor.* If you write by {end}, we must stop collection until we send you that information. You may use "
        "the form below or write to us without the form.{electronic}",
        "else_electronic": " We accept original creditor information requests electronically at {url}.",
        "else_2": "*Go to www.cfpb.gov/debt-collection to learn more about your rights under federal law.* For "
        "instance, you have the right to stop or limit how we contact you.",
        "options": "Contact us about your payment options.",
        "spanish": "Póngase en contacto con nosotros para solicitar una copia de este formulario en español",
        "respond": "How do you want to respond?",
        "mail_to": "Mail this form to:",
        "check_all": "Check all that apply:",
        "because": "I want to dispute the debt because I think:",
        "not_mine": "This is not my debt.",
        "amount_wrong": "The amount is wrong.",
        "other": "Other (please describe on reverse or attach additional information).",
        "original": "I want you to send me the name and address of the original creditor.",
        "enclosed": "I enclosed this amount: $ ____________",
        "payee": "Make your check payable to {collector}. Include the reference number {reference}.",
        "spanish_prompt": "Quiero este formulario en español",
    },
    "es": {
        "title": "Aviso de validación",
        "to": "Para:",
        "reference": "Referencia:",
        "phone_hours": "{phone}, {hours}",
        "lead": "{collector} es un cobrador de deudas. Estamos tratando de cobrar una deuda que usted le debe a "
        "{creditor}. Usaremos toda la información que usted nos dé para ayudarnos a cobrar la deuda.",
        "information": "Nuestra información muestra que:",
        "account": "Usted tenía una cuenta ({product}) de {creditor} con el número de cuenta {account}.",
        "then": "Al {date}, usted debía:",
        "interest": "Entre el {date} y hoy, se le cobró esta cantidad en intereses:",
        "fees": "Entre el {date} y hoy, se le cobró esta cantidad en cargos:",
        "paid": "Entre el {date} y hoy, usted pagó o se le acreditó esta cantidad a la deuda:",
        "total": "Cantidad total de la deuda ahora:",
        "reverse": "Aviso: Vea el reverso para obtener información importante.",
        "dispute_heading": "¿Cómo puede disputar la deuda?",
        "dispute_1": "*Llámenos o escríbanos a más tardar el {end} para disputar toda la deuda o una parte.* Si no "
        "lo hace, supondremos que nuestra información es correcta.",
        "dispute_2": "*Si nos escribe a más tardar el {end},* debemos suspender el cobro de cualquier cantidad que "
        "usted dispute hasta que le enviemos información que demuestre que usted debe la deuda. Puede usar el "
        "formulario de abajo o escribirnos sin el formulario. También puede incluir documentos de apoyo."
        "{electronic}",
        "dispute_electronic": " Aceptamos disputas por vía electrónica en {url}.",
        "else_heading": "¿Qué más puede hacer?",
        "else_1": "*Escríbanos para pedir el nombre y la dirección del acreedor original, si es distinto del "
        "acreedor actual.* Si nos escribe a más tardar el {end}, debemos suspender el cobro hasta que le enviemos "
        "esa información. Puede usar el formulario de abajo o escribirnos sin el formulario.{electronic}",
        "else_electronic": " Aceptamos solicitudes de información sobre el acreedor original por vía electrónica "
        "en {url}.",
        "else_2": "*Visite www.cfpb.gov/debt-collection para conocer más sobre sus derechos según la ley federal.* "
        "Por ejemplo, usted tiene derecho a suspender o limitar la forma en que nos comunicamos con usted.",
        "options": "Comuníquese con nosotros para conocer sus opciones de pago.",
        "spanish": "",
        "respond": "¿Cómo quiere responder?",
        "mail_to": "Envíe este formulario por correo a:",
        "check_all": "Marque todo lo que corresponda:",
        "because": "Quiero disputar la deuda porque creo que:",
        "not_mine": "Esta no es mi deuda.",
        "amount_wrong": "La cantidad es incorrecta.",
        "other": "Otro (descríbalo en el reverso o adjunte información adicional).",
        "original": "Quiero que me envíen el nombre y la dirección del acreedor original.",
        "enclosed": "Incluyo esta cantidad: $ ____________",
        "payee": "Haga su cheque a nombre de {collector}. Incluya el número de referencia {reference}.",
        "spanish_prompt": "",
    },
}

_THINGS = frozenset({
    "card", "loan", "account", "mortgage", "lease", "line", "plan", "contract", "agreement", "policy", "service",
    "membership", "debt", "overdraft",
})  # fmt: skip
_LIKE_YOU = ("uni", "uti", "use", "eu", "one")  # vowels that sound like "you" or "one"


def a_product(product: str) -> str:
    """The product with its article, as something one can have: "a credit card", "an electricity account"."""
    words = product if product.split(" ")[-1] in _THINGS else f"{product} account"
    vowel = words[:1] in tuple("aeiou") and not words.startswith(_LIKE_YOU)
    return f"{'an' if vowel else 'a'} {words}"
