/* SPDX-License-Identifier: MIT */
/* The conditions that XEP-0060 adds to stanza errors (16.5.2). Services put them before or behind the defined
 * condition, and other children between them, so only name and namespace count. */
#include "base/text.h"
#include <envoi/pubsub.h>

static const envoi_element *find_condition(const envoi_element *reply)
{
    if (!envoi__eq(envoi_stanza_type(reply), "error"))
        return NULL;
    return envoi_element_child(envoi_element_child(reply, "error", NULL), NULL, ENVOI_NS_PUBSUB_ERRORS);
}

const char *envoi_pubsub_error_condition(const envoi_element *reply)
{
    return envoi_element_name(find_condition(reply));
}

const char *envoi_pubsub_error_feature(const envoi_element *reply)
{
    const envoi_element *condition = find_condition(reply);
    return envoi_element_is(condition, "unsupported", NULL) ? envoi_element_attr(condition, "feature") : NULL;
}
