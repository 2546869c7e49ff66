/*
 * Secrets and connections: options checked against what each type of connection takes, stored as text or as a reference.
 */
#include <ctype.h>

#include "planner/statement_internal.h"

/* ---- secrets ---- */

/* Text stands for its UTF-8 bytes, which is how a text value is held anyway. */
static bool
secret_value(PlannerContext *context, const AstExpr *expr, ObjectId id, StatementPlan *plan, Error *err)
{
    Scalar *value;
    if (!plan_expression(context, expr, NULL, NULL, &value, err))
        return false;
    if (!type_is_string(value->type) && value->type.id != TYPE_BYTEA && value->type.id != TYPE_UNKNOWN)
        return error_at(err, expr->position, SQLSTATE_DATATYPE_MISMATCH,
                        "AS does not support implicitly casting from %s to bytea",
                        type_format(value->type, context->arena));
    plan->secrets = arena_new_struct(context->arena, SecretWrite);
    plan->secrets[0] = (SecretWrite){id, value};
    plan->secret_count = 1;
    return true;
}

bool
plan_create_secret(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                   StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateSecret *create = statement->create_secret;
    NewName name;
    if (!new_item_name(context, &create->name, "secret", create->if_not_exists, false, &name, err))
        return false;
    if (name.exists != NULL) {
        plan_nothing(plan, "CREATE SECRET");
        return true;
    }
    plan_change(plan, "CREATE SECRET");
    Item *item = new_item(context, ITEM_SECRET, name.schema, name.name);
    change_put_item(plan, item);
    AstStatement *copy;
    if (!secret_value(context, create->value, item->id, plan, err) || !reparse(statement, context->arena, &copy, err))
        return false;
    copy->create_secret->name = full_name(context->arena, name.schema, name.name);
    copy->create_secret->if_not_exists = false;
    item->create_sql = print_sql(copy, item->arena);
    return true;
}

bool
plan_alter_secret(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                  StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstAlterSecret *alter = statement->alter_secret;
    Item *item;
    if (!find_item_of_kind(context, &alter->name, AST_OBJECT_SECRET, alter->if_exists, &item, err))
        return false;
    if (item == NULL) {
        plan_nothing(plan, "ALTER SECRET");
        return true;
    }
    plan_change(plan, "ALTER SECRET");
    change_put_item(plan, item_copy(item)); /* so that sources that use it are told */
    return secret_value(context, alter->value, item->id, plan, err);
}

/* ---- what each type of connection takes ---- */

enum {
    FORM_TEXT = 1,
    FORM_SECRET = 2,
    FORM_NUMBER = 4,
    FORM_LIST = 8,
    FORM_SSH = 16,         /* an SSH TUNNEL connection */
    FORM_PRIVATELINK = 32, /* an AWS PRIVATELINK connection */
    FORM_CONNECTION = 64,
    FORM_ANY = 128,
    FORM_REQUIRED = 256,
};

typedef struct OptionRule {
    const char *type, *name;
    int forms;
} OptionRule;

#define TEXT_OR_SECRET (FORM_TEXT | FORM_SECRET)

static const OptionRule rules[] = {
    {"POSTGRES", "HOST", FORM_TEXT | FORM_REQUIRED},
    {"POSTGRES", "DATABASE", FORM_TEXT | FORM_REQUIRED},
    {"POSTGRES", "USER", TEXT_OR_SECRET | FORM_REQUIRED},
    {"POSTGRES", "PORT", FORM_NUMBER},
    {"POSTGRES", "PASSWORD", FORM_SECRET},
    {"POSTGRES", "SSL MODE", FORM_TEXT},
    {"POSTGRES", "SSL CERTIFICATE AUTHORITY", TEXT_OR_SECRET},
    {"POSTGRES", "SSL CERTIFICATE", TEXT_OR_SECRET},
    {"POSTGRES", "SSL KEY", FORM_SECRET},
    {"POSTGRES", "AWS PRIVATELINK", FORM_PRIVATELINK},
    {"POSTGRES", "SSH TUNNEL", FORM_SSH},
    {"KAFKA", "BROKER", FORM_ANY},
    {"KAFKA", "BROKERS", FORM_ANY},
    {"KAFKA", "AWS PRIVATELINK", FORM_PRIVATELINK},
    {"KAFKA", "SECURITY PROTOCOL", FORM_TEXT},
    {"KAFKA", "SASL MECHANISMS", FORM_TEXT},
    {"KAFKA", "SASL USERNAME", TEXT_OR_SECRET},
    {"KAFKA", "SASL PASSWORD", FORM_SECRET},
    {"KAFKA", "SSL CERTIFICATE AUTHORITY", TEXT_OR_SECRET},
    {"KAFKA", "SSL CERTIFICATE", TEXT_OR_SECRET},
    {"KAFKA", "SSL KEY", FORM_SECRET},
    {"KAFKA", "SSH TUNNEL", FORM_SSH},
    {"KAFKA", "AWS CONNECTION", FORM_CONNECTION},
    {"KAFKA", "PROGRESS TOPIC", FORM_TEXT},
    {"KAFKA", "PROGRESS TOPIC REPLICATION FACTOR", FORM_NUMBER},
    {"CONFLUENT SCHEMA REGISTRY", "URL", FORM_TEXT},
    {"CONFLUENT SCHEMA REGISTRY", "USERNAME", TEXT_OR_SECRET},
    {"CONFLUENT SCHEMA REGISTRY", "PASSWORD", FORM_SECRET},
    {"CONFLUENT SCHEMA REGISTRY", "SSL KEY", FORM_SECRET},
    {"CONFLUENT SCHEMA REGISTRY", "SSL CERTIFICATE", TEXT_OR_SECRET},
    {"CONFLUENT SCHEMA REGISTRY", "SSL CERTIFICATE AUTHORITY", TEXT_OR_SECRET},
    {"CONFLUENT SCHEMA REGISTRY", "AWS PRIVATELINK", FORM_PRIVATELINK},
    {"CONFLUENT SCHEMA REGISTRY", "SSH TUNNEL", FORM_SSH},
    {"SSH TUNNEL", "HOST", FORM_TEXT | FORM_REQUIRED},
    {"SSH TUNNEL", "PORT", FORM_NUMBER | FORM_REQUIRED},
    {"SSH TUNNEL", "USER", FORM_TEXT | FORM_REQUIRED},
    {"SSH TUNNEL", "PUBLIC KEY 1", FORM_TEXT},
    {"SSH TUNNEL", "PUBLIC KEY 2", FORM_TEXT},
    {"AWS PRIVATELINK", "SERVICE NAME", FORM_TEXT | FORM_REQUIRED},
    {"AWS PRIVATELINK", "AVAILABILITY ZONES", FORM_LIST | FORM_REQUIRED},
    {"AWS", "ENDPOINT", FORM_TEXT},
    {"AWS", "REGION", FORM_TEXT},
    {"AWS", "ACCESS KEY ID", TEXT_OR_SECRET},
    {"AWS", "SECRET ACCESS KEY", FORM_SECRET},
    {"AWS", "SESSION TOKEN", TEXT_OR_SECRET},
    {"AWS", "ASSUME ROLE ARN", FORM_TEXT},
    {"AWS", "ASSUME ROLE SESSION NAME", FORM_TEXT},
    {"MYSQL", "HOST", FORM_TEXT | FORM_REQUIRED},
    {"MYSQL", "PORT", FORM_NUMBER},
    {"MYSQL", "USER", TEXT_OR_SECRET | FORM_REQUIRED},
    {"MYSQL", "PASSWORD", FORM_SECRET},
    {"MYSQL", "SSL MODE", FORM_TEXT},
    {"MYSQL", "SSL CERTIFICATE AUTHORITY", TEXT_OR_SECRET},
    {"MYSQL", "SSL CERTIFICATE", TEXT_OR_SECRET},
    {"MYSQL", "SSL KEY", FORM_SECRET},
    {"MYSQL", "AWS CONNECTION", FORM_CONNECTION},
    {"MYSQL", "AWS PRIVATELINK", FORM_PRIVATELINK},
    {"MYSQL", "SSH TUNNEL", FORM_SSH},
    {"SQL SERVER", "HOST", FORM_TEXT | FORM_REQUIRED},
    {"SQL SERVER", "PORT", FORM_NUMBER},
    {"SQL SERVER", "DATABASE", FORM_TEXT | FORM_REQUIRED},
    {"SQL SERVER", "USER", TEXT_OR_SECRET | FORM_REQUIRED},
    {"SQL SERVER", "PASSWORD", FORM_SECRET},
    {"SQL SERVER", "SSL MODE", FORM_TEXT},
    {"SQL SERVER", "SSL CERTIFICATE AUTHORITY", TEXT_OR_SECRET},
    {"SQL SERVER", "AWS PRIVATELINK", FORM_PRIVATELINK},
    {"SQL SERVER", "SSH TUNNEL", FORM_SSH},
    {"ICEBERG CATALOG", "CATALOG TYPE", FORM_TEXT},
    {"ICEBERG CATALOG", "URL", FORM_TEXT},
    {"ICEBERG CATALOG", "CREDENTIAL", TEXT_OR_SECRET},
    {"ICEBERG CATALOG", "SCOPE", FORM_TEXT},
    {"ICEBERG CATALOG", "WAREHOUSE", FORM_TEXT},
    {"ICEBERG CATALOG", "AWS CONNECTION", FORM_CONNECTION},
};
#define RULE_COUNT (sizeof rules / sizeof *rules)

static const OptionRule *
find_rule(const char *type, const char *name)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (strcmp(rules[i].type, type) == 0 && strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

static bool
known_options(const AstCreateConnection *create, Arena *arena, Error *err)
{
    const char *names[RULE_COUNT + 1] = {0};
    for (size_t i = 0, count = 0; i < RULE_COUNT; i++)
        if (strcmp(rules[i].type, create->type) == 0)
            names[count++] = rules[i].name;
    return options_known(&create->options, names, arena_printf(arena, "%s connections", create->type), err);
}

/* ---- one option's value ---- */

static bool
invalid_value(const AstOption *option, const char *why, Error *err)
{
    return error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid %s option value: %s",
                    option->name, why);
}

static bool
reference_to(PlannerContext *context, Item *item, AstName *name, AstObjectType type, Item **found, Error *err)
{
    if (!find_item_of_kind(context, name, type, false, found, err))
        return false;
    int position = name->position;
    *name = full_name(item->arena, (*found)->schema, (*found)->name);
    name->position = position;
    item_depends(item, (*found)->id);
    return true;
}

static bool
secret_option(PlannerContext *context, Item *item, const AstCreateConnection *create, const OptionRule *rule,
              AstOption *option, ConnectionOption *out, Error *err)
{
    if ((rule->forms & (FORM_SECRET | FORM_ANY)) == 0)
        return strcmp(create->type, "SSH TUNNEL") == 0
                   ? error_at(err, option->position, SQLSTATE_INVALID_PARAMETER_VALUE,
                              "SSH connections do not support supplying %s value as SECRET", option->name)
                   : invalid_value(option, "cannot be given as a secret", err);
    Item *secret;
    if (!reference_to(context, item, &option->value->name, AST_OBJECT_SECRET, &secret, err))
        return false;
    out->reference = secret->id;
    return true;
}

static bool
connection_option(PlannerContext *context, Item *item, const OptionRule *rule, AstOption *option, ConnectionOption *out,
                  Error *err)
{
    if (option->value->kind != AST_VALUE_NAME)
        return invalid_value(option, "must provide a connection", err);
    const char *written = ast_name_text(&option->value->name, item->arena);
    Item *connection;
    if (!reference_to(context, item, &option->value->name, AST_OBJECT_CONNECTION, &connection, err))
        return false;
    if ((rule->forms & FORM_SSH) != 0 && strcmp(connection->connection_type, "ssh-tunnel") != 0)
        return error_at(err, option->value->position, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not an SSH connection",
                        written);
    if ((rule->forms & FORM_PRIVATELINK) != 0 && strcmp(connection->connection_type, "aws-privatelink") != 0)
        return error_at(err, option->value->position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "%s is not an AWS PRIVATELINK connection", written);
    out->reference = connection->id;
    return true;
}

/* Brokers and zones: the elements with commas between; tunnels of brokers are dependencies. */
static bool
list_option(PlannerContext *context, Item *item, AstValue *value, Buffer *text, Error *err)
{
    if (value->kind == AST_VALUE_LIST) {
        for (int i = 0; i < value->list.count; i++) {
            if (i > 0)
                buffer_append_text(text, ",");
            if (!list_option(context, item, value->list.items[i], text, err))
                return false;
        }
        return true;
    }
    Item *tunnel;
    if (value->broker != NULL &&
        !reference_to(context, item, &value->broker->connection, AST_OBJECT_CONNECTION, &tunnel, err))
        return false;
    const char *plain = value_text(value, item->arena);
    buffer_append_text(text, plain == NULL ? "" : plain);
    return true;
}

static bool
option_resolve(PlannerContext *context, Item *item, const AstCreateConnection *create, AstOption *option,
               ConnectionOption *out, Error *err)
{
    const OptionRule *rule = find_rule(create->type, option->name);
    *out = (ConnectionOption){.name = option->name};
    if (option->value->kind == AST_VALUE_SECRET)
        return secret_option(context, item, create, rule, option, out, err);
    if ((rule->forms & (FORM_SSH | FORM_PRIVATELINK | FORM_CONNECTION)) != 0)
        return connection_option(context, item, rule, option, out, err);
    if ((rule->forms & (FORM_ANY | FORM_LIST)) != 0) {
        Buffer text = {0};
        bool ok = list_option(context, item, option->value, &text, err);
        out->text = buffer_to_arena(&text, item->arena);
        return ok;
    }
    if ((rule->forms & (FORM_TEXT | FORM_NUMBER)) == 0)
        return invalid_value(option, "must provide a secret value", err);
    out->text = value_text(option->value, item->arena);
    if (out->text == NULL)
        return invalid_value(
            option, (rule->forms & FORM_NUMBER) != 0 ? "cannot use value as number" : "cannot use value as string",
            err);
    if ((rule->forms & FORM_NUMBER) != 0) {
        char *end;
        long number = strtol(out->text, &end, 10);
        if (end == out->text || *end != '\0' || number < 0)
            return invalid_value(option, "cannot use value as number", err);
        if (strcmp(option->name, "PORT") == 0 && (number == 0 || number > 65535))
            return invalid_value(option, "a port is between 1 and 65535", err);
    }
    return true;
}

/* ---- what must go together ---- */

static const ConnectionOption *
stored_option(const Item *item, const char *name)
{
    for (int i = 0; i < item->option_count; i++)
        if (strcmp(item->options[i].name, name) == 0)
            return &item->options[i];
    return NULL;
}

static bool
invalid_connection(const AstCreateConnection *create, Error *err, const char *why)
{
    return error_at(err, create->type_position, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid CONNECTION: %s", why);
}

static bool
check_ssl(const Item *item, const AstCreateConnection *create, Error *err)
{
    static const char *const postgres[] = {"disable",     "require",     "verify_ca", "verify-ca",
                                           "verify_full", "verify-full", NULL};
    static const char *const mysql[] = {"disabled",        "required",        "verify_ca", "verify-ca",
                                        "verify_identity", "verify-identity", NULL};
    const ConnectionOption *mode = stored_option(item, "SSL MODE");
    const char *const *modes = strcmp(create->type, "POSTGRES") == 0 ? postgres
                               : strcmp(create->type, "MYSQL") == 0  ? mysql
                                                                     : NULL;
    if (mode != NULL && modes != NULL) {
        while (*modes != NULL && !slice_equal_nocase(slice_of(mode->text), *modes))
            modes++;
        if (*modes == NULL)
            return error_at(err, ast_option_find(&create->options, "SSL MODE")->position,
                            SQLSTATE_INVALID_PARAMETER_VALUE, "invalid CONNECTION: unknown SSL MODE \"%s\"",
                            mode->text);
    }
    if ((stored_option(item, "SSL KEY") == NULL) != (stored_option(item, "SSL CERTIFICATE") == NULL))
        return invalid_connection(create, err, "both SSL KEY and SSL CERTIFICATE are required");
    return true;
}

static bool
check_kafka(const Item *item, const AstCreateConnection *create, Error *err)
{
    static const char *const protocols[] = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL", NULL};
    int endpoints = (stored_option(item, "BROKER") != NULL) + (stored_option(item, "BROKERS") != NULL) +
                    (stored_option(item, "AWS PRIVATELINK") != NULL);
    if (endpoints == 0)
        return invalid_connection(create, err, "must set one of BROKER, BROKERS, or AWS PRIVATELINK");
    if (endpoints > 1)
        return invalid_connection(create, err, "can only set one of BROKER, BROKERS, or AWS PRIVATELINK");
    const ConnectionOption *protocol = stored_option(item, "SECURITY PROTOCOL");
    if (protocol != NULL) {
        const char *const *known = protocols;
        while (*known != NULL && !slice_equal_nocase(slice_of(protocol->text), *known))
            known++;
        if (*known == NULL)
            return error_at(err, create->type_position, SQLSTATE_INVALID_PARAMETER_VALUE,
                            "unknown security protocol: %s", protocol->text);
    }
    static const char *const sasl[] = {"SASL MECHANISMS", "SASL USERNAME", "SASL PASSWORD"};
    bool any = false;
    for (size_t i = 0; i < 3; i++)
        any |= stored_option(item, sasl[i]) != NULL;
    for (size_t i = 0; any && i < 3; i++)
        if (stored_option(item, sasl[i]) == NULL)
            return error_at(err, create->type_position, SQLSTATE_INVALID_PARAMETER_VALUE, "%s must be specified",
                            sasl[i]);
    return true;
}

static bool
check_registry(const Item *item, const AstCreateConnection *create, Error *err)
{
    const ConnectionOption *url = stored_option(item, "URL");
    if (url == NULL)
        return invalid_connection(create, err, "must specify URL");
    const char *host = strstr(url->text, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    if (path != NULL && path[1] != '\0')
        return invalid_connection(create, err, "URL must have an empty path");
    return true;
}

static bool
check_together(const Item *item, const AstCreateConnection *create, Error *err)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (strcmp(rules[i].type, create->type) == 0 && (rules[i].forms & FORM_REQUIRED) != 0 &&
            stored_option(item, rules[i].name) == NULL)
            return error_at(err, create->type_position, SQLSTATE_INVALID_PARAMETER_VALUE, "%s option is required",
                            rules[i].name);
    if (strcmp(create->type, "KAFKA") != 0 && stored_option(item, "SSH TUNNEL") != NULL &&
        stored_option(item, "AWS PRIVATELINK") != NULL)
        return error_at(err, create->type_position, SQLSTATE_INVALID_PARAMETER_VALUE,
                        "cannot specify both SSH TUNNEL and AWS PRIVATELINK");
    if (strcmp(create->type, "KAFKA") == 0 && !check_kafka(item, create, err))
        return false;
    if (strcmp(create->type, "CONFLUENT SCHEMA REGISTRY") == 0 && !check_registry(item, create, err))
        return false;
    return check_ssl(item, create, err);
}

/* ---- from statement to item ---- */

static const char *
stored_type(const char *type, Arena *arena)
{
    char *stored = arena_strdup(arena, type);
    for (char *c = stored; *c != '\0'; c++)
        *c = *c == ' ' ? '-' : (char) tolower((unsigned char) *c);
    return stored;
}

/* `statement` is the item's own: it is in its arena, is changed here, and becomes create_sql. */
static bool
connection_fill(PlannerContext *context, Item *item, AstStatement *statement, Error *err)
{
    AstCreateConnection *create = statement->create_connection;
    if (!known_options(create, context->arena, err))
        return false;
    item->connection_type = stored_type(create->type, item->arena);
    item->depends_on_count = 0;
    item->option_count = 0;
    item->options = arena_new_array(item->arena, ConnectionOption, create->options.count + 1);
    for (int i = 0; i < create->options.count; i++)
        if (!option_resolve(context, item, create, create->options.items[i], &item->options[item->option_count++], err))
            return false;
    if (!check_together(item, create, err))
        return false;
    create->name = full_name(item->arena, item->schema, item->name);
    create->if_not_exists = false;
    create->with = (AstOptionList){0};
    item->create_sql = print_sql(statement, item->arena);
    return true;
}

static bool
wants_validation(const char *type, const AstOptionList *with, bool *validate, Error *err)
{
    static const char *const names[] = {"VALIDATE", NULL};
    bool otherwise = strcmp(type, "POSTGRES") == 0 || strcmp(type, "KAFKA") == 0 || strcmp(type, "MYSQL") == 0 ||
                     strcmp(type, "CONFLUENT SCHEMA REGISTRY") == 0 || strcmp(type, "SQL SERVER") == 0;
    return options_known(with, names, "CREATE CONNECTION...WITH", err) &&
           option_bool(with, "VALIDATE", otherwise, validate, err);
}

static void
validate_before_commit(PlannerContext *context, ObjectId id, StatementPlan *plan)
{
    plan->validate = arena_new_struct(context->arena, ObjectId);
    plan->validate[0] = id;
    plan->validate_count = 1;
}

bool
plan_create_connection(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                       StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstCreateConnection *create = statement->create_connection;
    NewName name;
    bool validate;
    if (!new_item_name(context, &create->name, "connection", create->if_not_exists, false, &name, err) ||
        !wants_validation(create->type, &create->with, &validate, err))
        return false;
    if (name.exists != NULL) {
        plan_nothing(plan, "CREATE CONNECTION");
        return true;
    }
    plan_change(plan, "CREATE CONNECTION");
    Item *item = new_item(context, ITEM_CONNECTION, name.schema, name.name);
    change_put_item(plan, item);
    if (validate)
        validate_before_commit(context, item->id, plan);
    AstStatement *copy;
    return reparse(statement, item->arena, &copy, err) &&
           (connection_fill(context, item, copy, err) || error_from_copy(statement, err));
}

/* ---- ALTER CONNECTION ---- */

static bool
check_actions(const AstAlterConnection *alter, Error *err)
{
    for (int i = 0; i < alter->actions.count; i++) {
        const AstConnectionAction *action = &alter->actions.items[i];
        if (action->kind == AST_CONNECTION_ROTATE_KEYS)
            return alter->actions.count > 1
                       ? error_at(err, action->position, SQLSTATE_SYNTAX_ERROR,
                                  "cannot specify any other actions alongside ALTER CONNECTION...ROTATE KEYS")
                       : error_at(err, action->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                                  "ALTER CONNECTION...ROTATE KEYS is not supported");
        for (int earlier = 0; earlier < i; earlier++) {
            const AstConnectionAction *other = &alter->actions.items[earlier];
            if (strcmp(other->option->name, action->option->name) != 0)
                continue;
            if ((other->kind == AST_CONNECTION_SET) != (action->kind == AST_CONNECTION_SET))
                return error_at(err, action->position, SQLSTATE_SYNTAX_ERROR,
                                "cannot both SET and DROP/RESET options %s", action->option->name);
            return error_at(err, action->position, SQLSTATE_SYNTAX_ERROR, "%s specified more than once",
                            action->option->name);
        }
    }
    return true;
}

static bool
apply_actions(Arena *arena, const AstAlterConnection *alter, AstCreateConnection *create, Error *err)
{
    AstOptionList merged = {.items = arena_new_array(arena, AstOption *, create->options.count + alter->actions.count)};
    for (int i = 0; i < create->options.count; i++) {
        bool replaced = false;
        for (int a = 0; a < alter->actions.count; a++)
            replaced |= strcmp(alter->actions.items[a].option->name, create->options.items[i]->name) == 0;
        if (!replaced)
            merged.items[merged.count++] = create->options.items[i];
    }
    for (int a = 0; a < alter->actions.count; a++) {
        AstOption *option = alter->actions.items[a].option;
        if (find_rule(create->type, option->name) == NULL)
            return error_at(err, option->position, SQLSTATE_SYNTAX_ERROR, "%s connections do not support %s values",
                            create->type, option->name);
        if (alter->actions.items[a].kind == AST_CONNECTION_SET)
            merged.items[merged.count++] = option;
    }
    create->options = merged;
    return true;
}

bool
plan_alter_connection(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                      StatementPlan *plan, Error *err)
{
    (void) indexes;
    const AstAlterConnection *alter = statement->alter_connection;
    Item *old;
    if (!find_item_of_kind(context, &alter->name, AST_OBJECT_CONNECTION, alter->if_exists, &old, err))
        return false;
    if (old == NULL) {
        plan_nothing(plan, "ALTER CONNECTION");
        return true;
    }
    if (!check_actions(alter, err))
        return false;
    plan_change(plan, "ALTER CONNECTION");
    Item *item = item_copy(old);
    change_put_item(plan, item);
    AstStatement *create, *alter_copy;
    bool validate;
    if (!parse_statement(slice_of(item->create_sql), item->arena, &create, err) ||
        !reparse(statement, item->arena, &alter_copy, err) ||
        !wants_validation(create->create_connection->type, &alter->with, &validate, err))
        return false;
    if (!apply_actions(item->arena, alter_copy->alter_connection, create->create_connection, err))
        return error_from_copy(statement, err);
    if (!connection_fill(context, item, create, err)) {
        err->position = 0; /* one in the stored text */
        return false;
    }
    if (validate)
        validate_before_commit(context, item->id, plan);
    return true;
}

bool
plan_validate(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes, StatementPlan *plan,
              Error *err)
{
    (void) indexes;
    Item *item;
    if (!find_item_of_kind(context, statement->name, AST_OBJECT_CONNECTION, false, &item, err))
        return false;
    plan->kind = PLAN_VALIDATE;
    plan->tag = "VALIDATE CONNECTION";
    plan->target = item->id;
    return true;
}
