/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_PUBSUB_BUILDER_H
#define ENVOI_DATA_PUBSUB_BUILDER_H
/* One request under construction: <iq type='' to=''><pubsub xmlns='ns'><command/></pubsub></iq>. The first
 * error is kept, here or in the stanza, and finish reports it; so no step in between needs a check. */
#include <envoi/pubsub.h>

struct envoi__pubsub_request {
    envoi_stanza *stanza;
    envoi_element *pubsub, *command;
    int error;
};

void envoi__pubsub_begin(struct envoi__pubsub_request *request, const char *type, const char *service,
                         const char *ns, const char *command);
void envoi__pubsub_fail(struct envoi__pubsub_request *request, int error); /* 0 is ignored */
/* Set an attribute to a text that is neither NULL nor empty; or leave it out for NULL. */
void envoi__pubsub_required(struct envoi__pubsub_request *request, envoi_element *element, const char *name,
                            const char *value);
void envoi__pubsub_optional(struct envoi__pubsub_request *request, envoi_element *element, const char *name,
                            const char *value);
/* Set an attribute to a JID in its prepared form; `bare`: it may have no resourcepart. */
void envoi__pubsub_jid(struct envoi__pubsub_request *request, envoi_element *element, const char *name,
                       const char *jid, int bare);
/* Append a form of the type submit under the FORM_TYPE that is due here. */
void envoi__pubsub_add_form(struct envoi__pubsub_request *request, envoi_element *parent,
                            const envoi_form *form, const char *form_type);
void envoi__pubsub_publish_options(struct envoi__pubsub_request *request, const envoi_form *options);
/* Hand the stanza out, or free it and return the error. */
int envoi__pubsub_finish(envoi_stanza **out, struct envoi__pubsub_request *request);

#endif
