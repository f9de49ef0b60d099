/* SPDX-License-Identifier: MIT */
/* The words of XEP-0060 4.1 and 4.2 and their numbers. */
#include "base/text.h"
#include <envoi/pubsub.h>

static const char *const affiliations[] = {
    [ENVOI_PUBSUB_AFFILIATION_NONE] = "none",
    [ENVOI_PUBSUB_AFFILIATION_OUTCAST] = "outcast",
    [ENVOI_PUBSUB_AFFILIATION_MEMBER] = "member",
    [ENVOI_PUBSUB_AFFILIATION_PUBLISH_ONLY] = "publish-only",
    [ENVOI_PUBSUB_AFFILIATION_PUBLISHER] = "publisher",
    [ENVOI_PUBSUB_AFFILIATION_OWNER] = "owner",
};

static const char *const states[] = {
    [ENVOI_PUBSUB_SUBSCRIPTION_NONE] = "none",
    [ENVOI_PUBSUB_SUBSCRIPTION_PENDING] = "pending",
    [ENVOI_PUBSUB_SUBSCRIPTION_UNCONFIGURED] = "unconfigured",
    [ENVOI_PUBSUB_SUBSCRIPTION_SUBSCRIBED] = "subscribed",
};

static const char *name_of(const char *const *names, size_t count, int number)
{
    return number > 0 && (size_t)number < count ? names[number] : NULL;
}

static int number_of(const char *const *names, size_t count, const char *name)
{
    if (!name)
        return ENVOI_ERR_ARGUMENT;
    for (size_t i = 1; i < count; i++)
        if (envoi__eq(names[i], name))
            return (int)i;
    return ENVOI_ERR_STANZA;
}

const char *envoi_pubsub_affiliation_name(int affiliation)
{
    return name_of(affiliations, ENVOI__COUNT(affiliations), affiliation);
}

int envoi_pubsub_affiliation_from_name(const char *name)
{
    return number_of(affiliations, ENVOI__COUNT(affiliations), name);
}

const char *envoi_pubsub_subscription_state_name(int state)
{
    return name_of(states, ENVOI__COUNT(states), state);
}

int envoi_pubsub_subscription_state_from_name(const char *name)
{
    return number_of(states, ENVOI__COUNT(states), name);
}
