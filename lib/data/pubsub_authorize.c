/* SPDX-License-Identifier: MIT */
/* An owner's answer to somebody who asks to subscribe (XEP-0060 8.6). */
#include <envoi/pubsub.h>

static int answer_form(envoi_form **out, const envoi_pubsub_event *event, int allow)
{
    envoi_form *form = NULL, *answer = NULL;
    int error = envoi_pubsub_event_form(&form, event);
    if (!error)
        error = envoi_form_answer(&answer, form);
    envoi_form_free(form);
    if (!error)
        error = envoi_form_set_bool(answer, "pubsub#allow", allow);
    if (!error)
        *out = answer;
    else
        envoi_form_free(answer);
    return error;
}

int envoi_pubsub_authorize(envoi_stanza **out, const envoi_pubsub_event *event, int allow)
{
    if (!out || envoi_pubsub_event_type(event) != ENVOI_PUBSUB_EVENT_AUTHORIZATION)
        return ENVOI_ERR_ARGUMENT;
    envoi_form *answer = NULL;
    envoi_stanza *message = NULL;
    int error = answer_form(&answer, event, allow);
    if (!error)
        error = envoi_message_new(&message, envoi_pubsub_event_service(event), NULL);
    if (!error) /* the id ties the answer to the request (8.6.1) */
        error = envoi_stanza_set_id(message, envoi_element_attr(envoi_pubsub_event_message(event), "id"));
    if (!error)
        error = envoi_form_append(answer, envoi_stanza_element(message));
    envoi_form_free(answer);
    if (error)
        envoi_stanza_free(message);
    else
        *out = message;
    return error;
}
