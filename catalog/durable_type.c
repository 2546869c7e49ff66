/*
 * Types as JSON. What an OID and a typmod say is these two numbers; the rest is an object.
 *
 *     {"id": 16384, "typmod": -1, "detail": {"name": "l", "oid": 20001, "array_oid": 20002, "element": {...},
 *      "labels": [{"label": "sad", "order": 1}], "fields": [{"name": "a", "type": {...}}]}}
 */
#include "catalog/durable_internal.h"

#include <stdlib.h>

void
durable_put_type(Buffer *out, SqlType type)
{
    const TypeDetail *detail = type.detail;
    buffer_printf(out, "{\"id\":%u,\"element\":%u,\"typmod\":%d", type_oid(type_of_id(type.id)),
                  type_oid(type_of_id(type.element)), type.typmod);
    if (detail == NULL) {
        buffer_append_char(out, '}');
        return;
    }
    buffer_append_text(out, ",\"detail\":{");
    if (detail->name != NULL) {
        buffer_append_text(out, "\"name\":");
        jsonb_append_string(out, slice_of(detail->name));
        buffer_append_char(out, ',');
    }
    buffer_printf(out, "\"oid\":%u,\"array_oid\":%u", detail->oid, detail->array_oid);
    if (detail->element.id != TYPE_UNKNOWN) {
        buffer_append_text(out, ",\"element\":");
        durable_put_type(out, detail->element);
    }
    for (int i = 0; i < detail->label_count; i++) {
        buffer_append_text(out, i == 0 ? ",\"labels\":[{\"label\":" : ",{\"label\":");
        jsonb_append_string(out, slice_of(detail->labels[i].label));
        buffer_printf(out, ",\"order\":%.9g}%s", (double) detail->labels[i].order,
                      i + 1 == detail->label_count ? "]" : "");
    }
    for (int i = 0; i < detail->count; i++) {
        buffer_append_text(out, i == 0 ? ",\"fields\":[{\"name\":" : ",{\"name\":");
        jsonb_append_string(out, slice_of(detail->fields[i].name == NULL ? "" : detail->fields[i].name));
        buffer_append_text(out, ",\"type\":");
        durable_put_type(out, detail->fields[i].type);
        buffer_append_text(out, i + 1 == detail->count ? "}]" : "}");
    }
    buffer_append_text(out, "}}");
}

static int64_t
number_at(Slice object, const char *name)
{
    Slice value;
    return jsonb_field(object, slice_of(name), &value) ? strtoll(value.bytes, NULL, 10) : 0;
}

static void
read_labels(Slice detail, TypeDetail *made, Arena *arena)
{
    Slice labels, label, unused, order;
    if (!jsonb_field(detail, slice_of("labels"), &labels))
        return;
    EnumLabel *list = arena_new_array(arena, EnumLabel, jsonb_count(labels) + 1);
    for (size_t at = 0; jsonb_next(labels, &at, &unused, &label, arena);) {
        EnumLabel *one = &list[made->label_count++];
        one->label = durable_text(label, "label", arena);
        one->order = jsonb_field(label, slice_of("order"), &order) ? strtof(order.bytes, NULL) : 0;
    }
    made->labels = list;
}

bool
durable_get_type(Slice json, Arena *arena, SqlType *type)
{
    Slice detail, fields, field, inner, unused;
    SqlType id, element = SQL_TYPE(UNKNOWN);
    uint32_t element_oid = (uint32_t) number_at(json, "element");
    if (!type_from_oid((uint32_t) number_at(json, "id"), -1, &id) || !type_from_oid(element_oid, -1, &element))
        return false;
    *type = (SqlType){.id = id.id, .element = element.id, .typmod = (int32_t) number_at(json, "typmod")};
    if (!jsonb_field(json, slice_of("detail"), &detail))
        return true;
    bool has_fields = jsonb_field(detail, slice_of("fields"), &fields);
    TypeDetail *made = type_detail_new(arena, has_fields ? (int) jsonb_count(fields) : 0);
    made->name = durable_text(detail, "name", arena);
    made->oid = (uint32_t) number_at(detail, "oid");
    made->array_oid = (uint32_t) number_at(detail, "array_oid");
    read_labels(detail, made, arena);
    if (jsonb_field(detail, slice_of("element"), &inner) && !durable_get_type(inner, arena, &made->element))
        return false;
    int i = 0;
    for (size_t at = 0; has_fields && jsonb_next(fields, &at, &unused, &field, arena); i++) {
        made->fields[i].name = durable_text(field, "name", arena);
        if (!jsonb_field(field, slice_of("type"), &inner) || !durable_get_type(inner, arena, &made->fields[i].type))
            return false;
    }
    type->detail = made;
    return true;
}
