/* The recording hot path in C: what `_engine/_hot.py` does in Python, in a fraction of the time.

Only what has been recorded before is handled here: a look-up in the trie and a new tensor, or running a program whose
inputs nobody else holds. Everything else - what is seen for the first time, arguments that must be converted, mistakes -
is handed to the functions of `_recorder.py` that are given to `install`. Tensors, variables and recorders stay classes
of Python; their fields are read and written at the places their slots have. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <structmember.h>

/* What `_hot.py` was written for: to be raised there and here when what the two exchange changes. */
#define VERSION 2

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

#define FIELD(object, offset) (*(PyObject **)((char *)(object) + (offset)))

/* Where instances hold the slots: of a tensor, a cell (`tensor`), an aval, a recorder and a state (`key`, `edge`). */
struct fields {
    Py_ssize_t aval, home, slot, value, variable, held, kind, state, outputs, inputs, slots, key, edge;
};

static struct {
    PyObject *local, *scalar, *record, *record_multiple, *follow, *recover;
    PyTypeObject *base, *tensor, *cell, *variable, *recorder, *recording, *trie_state, *aval, *array, *bundled;
    struct fields at;
    PyObject *name_recorder, *name_enter, *name_enter_anew, *name_miss, *name_value;
    long held_once;
} the;

/* ---- tensors -------------------------------------------------------------------------------------------------- */

/* The memory of tensors that are no more, linked through the place of their aval. A program makes thousands of them
   again and again: what the garbage collector hands out counts as new objects, and a full collection would come every
   few steps. */
enum { SPARE_TENSORS = 16384 };

static struct {
    PyObject *first;
    int count;
} spare;

/* The deallocator of tensors, and of what derives from them. */
static void free_tensor(PyObject *tensor)
{
    PyTypeObject *type = Py_TYPE(tensor), *base = type;
    while (base->tp_dealloc != free_tensor)
        base = base->tp_base;
    PyObject_GC_UnTrack(tensor);
    PyObject_ClearWeakRefs(tensor);
    for (Py_ssize_t place = sizeof(PyObject); place < base->tp_basicsize; place += sizeof(PyObject *))
        if (place != base->tp_weaklistoffset)
            Py_CLEAR(FIELD(tensor, place));
    if (type != the.tensor || spare.count == SPARE_TENSORS)
        type->tp_free(tensor);
    else {
        FIELD(tensor, the.at.aval) = spare.first;
        spare.first = tensor;
        spare.count++;
    }
    Py_DECREF(type);
}

static void free_spare(void)
{
    while (spare.first != NULL) {
        PyObject *tensor = spare.first;
        spare.first = FIELD(tensor, the.at.aval);
        PyObject_GC_Del(tensor);
    }
    spare.count = 0;
}

static PyObject *spare_tensor(void)
{
    PyObject *tensor = spare.first;
    if (tensor == NULL)
        return NULL;
    spare.first = FIELD(tensor, the.at.aval);
    spare.count--;
    FIELD(tensor, the.at.aval) = NULL;
    return PyObject_Init(tensor, the.tensor);
}

/* The allocator of tensors made in Python. */
static PyObject *allocate_tensor(PyTypeObject *type, Py_ssize_t items)
{
    PyObject *tensor = type == the.tensor ? spare_tensor() : NULL;
    if (tensor == NULL)
        return PyType_GenericAlloc(type, items);
    PyObject_GC_Track(tensor);
    return tensor;
}

static PyObject *new_tensor(PyObject *aval, PyObject *home, PyObject *slot)
{
    PyObject *tensor = spare_tensor();
    if (tensor == NULL) {
        if ((tensor = PyType_GenericAlloc(the.tensor, 0)) == NULL)
            return NULL;
        /* A tensor refers to nothing that could refer back once its recording has been run. */
        PyObject_GC_UnTrack(tensor);
    }
    FIELD(tensor, the.at.aval) = Py_NewRef(aval);
    FIELD(tensor, the.at.home) = Py_NewRef(home);
    FIELD(tensor, the.at.slot) = Py_NewRef(slot);
    return tensor;
}

/* (aval, slot): a tensor of no recording that is about to be given its value. */
static PyObject *blank(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "blank() takes an aval and a slot");
        return NULL;
    }
    return new_tensor(args[0], Py_None, args[1]);
}

/* The reference of a tensor that is not pending in the recording; see BaseTensor.enter. */
static PyObject *enter(PyObject *tensor, PyObject *recorder)
{
    PyObject *slots = FIELD(recorder, the.at.slots), *inputs = FIELD(recorder, the.at.inputs);
    PyObject *id = PyLong_FromVoidPtr(tensor);
    if (id == NULL)
        return NULL;
    PyObject *known = PyDict_GetItemWithError(slots, id);
    if (known != NULL || PyErr_Occurred()) {
        Py_DECREF(id);
        return Py_XNewRef(known);
    }
    PyObject *value = FIELD(tensor, the.at.value), *aval = FIELD(tensor, the.at.aval);
    if (value == NULL || aval == NULL || !Py_IS_TYPE(aval, the.aval) || Py_IS_TYPE(value, the.array)
        || Py_IS_TYPE(value, the.bundled) || FIELD(aval, the.at.kind) == the.scalar) {
        Py_DECREF(id);
        return PyObject_CallMethodOneArg(tensor, the.name_enter_anew, recorder);
    }
    /* What allocates may collect garbage, and that may run anything: hold what is still needed. */
    Py_INCREF(aval);
    Py_INCREF(slots);
    Py_INCREF(inputs);
    PyObject *slot = PyLong_FromSsize_t(-PyList_GET_SIZE(inputs) - 1);
    if (slot == NULL || PyDict_SetItem(slots, id, slot) || PyList_Append(inputs, tensor))
        Py_CLEAR(aval);
    Py_DECREF(id);
    Py_XDECREF(slot);
    Py_DECREF(slots);
    Py_DECREF(inputs);
    return aval;
}

static PyObject *reference_of_tensor(PyObject *tensor, PyObject *recorder)
{
    PyObject *slot = FIELD(tensor, the.at.slot);
    if (slot != NULL && FIELD(tensor, the.at.home) == FIELD(recorder, the.at.outputs))
        return Py_NewRef(slot);
    if (Py_IS_TYPE(tensor, the.tensor))
        return enter(tensor, recorder);
    return PyObject_CallMethodOneArg(tensor, the.name_enter, recorder);
}

/* The reference of an argument: a slot, an aval, or the type of a Python number, which enters. */
static PyObject *reference(PyObject *argument, PyObject *recorder)
{
    PyTypeObject *type = Py_TYPE(argument);
    if (type == the.tensor)
        return reference_of_tensor(argument, recorder);
    if (type == the.variable) {
        PyObject *held = FIELD(argument, the.at.held);
        if (held != NULL && PyObject_TypeCheck(held, the.base)) {
            Py_INCREF(held);
            PyObject *ref = reference_of_tensor(held, recorder);
            Py_DECREF(held);
            return ref;
        }
    }
    if (type == &PyFloat_Type || type == &PyLong_Type || type == &PyBool_Type) {
        if (PyList_Append(FIELD(recorder, the.at.inputs), argument))
            return NULL;
        return Py_NewRef((PyObject *)type);
    }
    if (PyType_IsSubtype(type, the.base))
        return reference_of_tensor(argument, recorder);
    return PyObject_CallMethodOneArg(argument, the.name_enter, recorder);
}

/* ---- recording ------------------------------------------------------------------------------------------------ */

/* This thread's recorder, a new reference. */
static PyObject *present(void)
{
    if (the.local == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "recording began before install()");
        return NULL;
    }
    return PyObject_GetAttr(the.local, the.name_recorder);
}

/* Whether the recorder is a plain one with all its fields, not a trace. */
static int plain(PyObject *recorder)
{
    if (!PyObject_TypeCheck(recorder, the.recorder))
        return 0;
    PyObject *outputs = FIELD(recorder, the.at.outputs), *inputs = FIELD(recorder, the.at.inputs);
    PyObject *slots = FIELD(recorder, the.at.slots), *state = FIELD(recorder, the.at.state);
    return outputs != NULL && inputs != NULL && slots != NULL && state != NULL && Py_IS_TYPE(outputs, the.recording)
        && PyList_CheckExact(inputs) && PyDict_CheckExact(slots) && Py_IS_TYPE(state, the.trie_state);
}

static PyObject *raised(void)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

/* What is about to be recorded: the parts of its key in the trie. A tuple is made of them only where it must be. */
enum { FEW = 8 };

struct call {
    PyObject *op, *statics, **refs, *few[FEW];
    Py_ssize_t count;
};

static void forget(struct call *call)
{
    while (call->count > 0)
        Py_DECREF(call->refs[--call->count]);
    if (call->refs != call->few)
        PyMem_Free(call->refs);
}

/* Find out under which references the arguments go; -1 with an error set if one cannot be recorded as it is. */
static int prepare(struct call *call, PyObject *recorder, PyObject *op, PyObject *statics,
                   PyObject *const *arguments, Py_ssize_t count)
{
    call->op = op;
    call->statics = statics;
    call->count = 0;
    call->refs = count <= FEW ? call->few : PyMem_New(PyObject *, count);
    if (call->refs == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t place = 0; place < count; place++) {
        PyObject *ref = reference(arguments[place], recorder);
        if (ref == NULL) {
            forget(call);
            return -1;
        }
        call->refs[call->count++] = ref;
    }
    return 0;
}

static PyObject *refs_of(const struct call *call)
{
    PyObject *refs = PyTuple_New(call->count);
    for (Py_ssize_t place = 0; refs != NULL && place < call->count; place++)
        PyTuple_SET_ITEM(refs, place, Py_NewRef(call->refs[place]));
    return refs;
}

static PyObject *key_of(const struct call *call)
{
    PyObject *key = PyTuple_New(call->count + 2);
    if (key == NULL)
        return NULL;
    PyTuple_SET_ITEM(key, 0, Py_NewRef(call->op));
    PyTuple_SET_ITEM(key, 1, Py_NewRef(call->statics));
    for (Py_ssize_t place = 0; place < call->count; place++)
        PyTuple_SET_ITEM(key, place + 2, Py_NewRef(call->refs[place]));
    return key;
}

/* Record for the first time what has no edge yet. */
static PyObject *missed(PyObject *recorder, const struct call *call, PyObject *arguments)
{
    PyObject *key = key_of(call), *refs = refs_of(call), *result = NULL;
    if (key != NULL && refs != NULL)
        result = PyObject_CallMethodObjArgs(recorder, the.name_miss, key, call->op, call->statics, arguments, refs,
                                            NULL);
    Py_XDECREF(key);
    Py_XDECREF(refs);
    return result;
}

static int is_edge(PyObject *edge)
{
    return PyTuple_CheckExact(edge) && PyTuple_GET_SIZE(edge) == 3;
}

/* Whether two parts of keys are equal: mostly they are one object, but for attributes and numbers made anew. */
static int same_part(PyObject *one, PyObject *other)
{
    if (one == other)
        return 1;
    if (PyLong_CheckExact(one) && PyLong_CheckExact(other))
        return PyLong_AsSsize_t(one) == PyLong_AsSsize_t(other);
    if (!PyTuple_CheckExact(one) || !PyTuple_CheckExact(other))
        return 0;
    int equal = PyObject_RichCompareBool(one, other, Py_EQ);
    if (equal < 0)
        PyErr_Clear();
    return equal > 0;
}

static int has_key(const struct call *call, PyObject *key)
{
    if (PyTuple_GET_SIZE(key) != call->count + 2 || PyTuple_GET_ITEM(key, 0) != call->op
        || !same_part(PyTuple_GET_ITEM(key, 1), call->statics))
        return 0;
    for (Py_ssize_t place = 0; place < call->count; place++)
        if (!same_part(PyTuple_GET_ITEM(key, place + 2), call->refs[place]))
            return 0;
    return 1;
}

/* The edge to follow, a new reference; NULL, perhaps with an error set, if there is none. A loop takes the same edge
   again and again: to compare its key costs less than to look it up. */
static PyObject *find_edge(PyObject *recorder, const struct call *call)
{
    PyObject *state = Py_NewRef(FIELD(recorder, the.at.state));
    PyObject *key = Py_XNewRef(FIELD(state, the.at.key)), *edge = Py_XNewRef(FIELD(state, the.at.edge));
    if (key == NULL || edge == NULL || !has_key(call, key)) {
        Py_XSETREF(key, key_of(call));
        Py_XSETREF(edge, key == NULL ? NULL : Py_XNewRef(PyDict_GetItemWithError(state, key)));
        if (edge != NULL && !is_edge(edge))
            Py_CLEAR(edge);
        if (edge != NULL) {
            /* Both before anything is freed, which may run anything: they belong together. */
            PyObject *old_key = FIELD(state, the.at.key), *old_edge = FIELD(state, the.at.edge);
            FIELD(state, the.at.key) = Py_NewRef(key);
            FIELD(state, the.at.edge) = Py_NewRef(edge);
            Py_XDECREF(old_key);
            Py_XDECREF(old_edge);
        }
    }
    Py_XDECREF(key);
    Py_DECREF(state);
    return edge;
}

static void move(PyObject *recorder, PyObject *state)
{
    PyObject *before = FIELD(recorder, the.at.state);
    FIELD(recorder, the.at.state) = Py_NewRef(state);
    Py_XDECREF(before);
    /* What the next op will compare its key to is fetched while Python gets there: a long recording and its states do
       not fit the cache together. */
    PREFETCH(FIELD(state, the.at.key));
    PREFETCH(FIELD(state, the.at.edge));
}

/* Take an edge of an op with one output. */
static PyObject *take(PyObject *recorder, PyObject *edge)
{
    PREFETCH(&FIELD(PyTuple_GET_ITEM(edge, 0), the.at.key));
    PyObject *outputs = Py_NewRef(FIELD(recorder, the.at.outputs));
    PyObject *tensor = new_tensor(PyTuple_GET_ITEM(edge, 1), outputs, PyTuple_GET_ITEM(edge, 2));
    if (tensor != NULL && PyList_Append(outputs, tensor))
        Py_CLEAR(tensor);
    if (tensor != NULL)
        move(recorder, PyTuple_GET_ITEM(edge, 0));
    Py_DECREF(outputs);
    return tensor;
}

/* Take an edge of an op with several outputs; None stands for an output that is None. */
static int take_all(PyObject *recorder, PyObject *edge, PyObject **made)
{
    PyObject *outputs = Py_NewRef(FIELD(recorder, the.at.outputs)), *avals = PyTuple_GET_ITEM(edge, 1);
    long slot = PyLong_AsLong(PyTuple_GET_ITEM(edge, 2));
    int failed = 0;
    for (Py_ssize_t place = 0; !failed && place < PyTuple_GET_SIZE(avals); place++) {
        PyObject *aval = PyTuple_GET_ITEM(avals, place);
        if (aval == Py_None) {
            made[place] = Py_NewRef(Py_None);
            continue;
        }
        PyObject *number = PyLong_FromLong(slot++);
        made[place] = number == NULL ? NULL : new_tensor(aval, outputs, number);
        Py_XDECREF(number);
        failed = made[place] == NULL || PyList_Append(outputs, made[place]);
    }
    if (!failed)
        move(recorder, PyTuple_GET_ITEM(edge, 0));
    Py_DECREF(outputs);
    return failed;
}

/* Record an op on arguments that may also be held together in the tuple `together`. */
static PyObject *record_op(PyObject *recorder, PyObject *op, PyObject *statics, PyObject *const *arguments,
                           Py_ssize_t count, PyObject *together, int multiple)
{
    struct call call;
    PyObject *made = NULL, *error = NULL, *edge = NULL;
    int prepared = !prepare(&call, recorder, op, statics, arguments, count);
    if (prepared && (edge = find_edge(recorder, &call)) != NULL) {
        forget(&call);
        if (!multiple)
            made = take(recorder, edge);
        else if ((made = PyTuple_New(PyTuple_GET_SIZE(PyTuple_GET_ITEM(edge, 1)))) != NULL
                 && take_all(recorder, edge, &PyTuple_GET_ITEM(made, 0)))
            Py_CLEAR(made);
        Py_DECREF(edge);
        return made;
    }
    if (PyErr_Occurred())
        error = raised();
    if (together != NULL)
        Py_INCREF(together);
    else if ((together = PyTuple_New(count)) != NULL)
        for (Py_ssize_t place = 0; place < count; place++)
            PyTuple_SET_ITEM(together, place, Py_NewRef(arguments[place]));
    if (together != NULL)
        made = error == NULL
                   ? missed(recorder, &call, together)
                   : PyObject_CallFunctionObjArgs(the.recover, recorder, error, op, statics, together, NULL);
    Py_XDECREF(together);
    Py_XDECREF(error);
    if (prepared)
        forget(&call);
    return made;
}

static PyObject *record_in(PyObject *const *args, Py_ssize_t count, int multiple)
{
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "recording takes an op, its attributes and its arguments");
        return NULL;
    }
    PyObject *recorder = present();
    if (recorder == NULL)
        return NULL;
    PyObject *made = NULL;
    if (!plain(recorder) || !PyTuple_CheckExact(args[2]))
        made = PyObject_Vectorcall(multiple ? the.record_multiple : the.record, args, 3, NULL);
    else
        made = record_op(recorder, args[0], args[1], &PyTuple_GET_ITEM(args[2], 0), PyTuple_GET_SIZE(args[2]), args[2],
                         multiple);
    Py_DECREF(recorder);
    return made;
}

static PyObject *record(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    return record_in(args, count, 0);
}

static PyObject *record_multiple(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    return record_in(args, count, 1);
}

static PyObject *record_one(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "record_one() takes an op, its attributes and its argument");
        return NULL;
    }
    PyObject *recorder = present(), *made = NULL;
    if (recorder != NULL && plain(recorder))
        made = record_op(recorder, args[0], args[1], args + 2, 1, NULL, 0);
    else if (recorder != NULL) {
        PyObject *together = PyTuple_Pack(1, args[2]);
        if (together != NULL)
            made = PyObject_CallFunctionObjArgs(the.record, args[0], args[1], together, NULL);
        Py_XDECREF(together);
    }
    Py_XDECREF(recorder);
    return made;
}

/* (recorder, edge): a list of what an op with several outputs gives. */
static PyObject *follow(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || !PyObject_TypeCheck(args[0], the.recorder) || !is_edge(args[1])) {
        PyErr_SetString(PyExc_TypeError, "follow() takes a recorder and an edge");
        return NULL;
    }
    if (!plain(args[0]))
        return PyObject_Vectorcall(the.follow, args, 2, NULL);
    PyObject *made = PyList_New(PyTuple_GET_SIZE(PyTuple_GET_ITEM(args[1], 1)));
    if (made != NULL && take_all(args[0], args[1], &PyList_GET_ITEM(made, 0)))
        Py_CLEAR(made);
    return made;
}

/* ---- Python's operators --------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *op, *statics, *otherwise;
} Operator;

static PyObject *operate(PyObject *self, PyObject *const *args, size_t flags, PyObject *names)
{
    Operator *operator = (Operator *)self;
    if (PyVectorcall_NARGS(flags) != 2 || names != NULL) {
        PyErr_SetString(PyExc_TypeError, "an operator takes two operands");
        return NULL;
    }
    PyObject *recorder = present();
    if (recorder == NULL)
        return NULL;
    struct call call;
    PyObject *made = NULL;
    if (plain(recorder) && !prepare(&call, recorder, operator->op, operator->statics, args, 2)) {
        PyObject *edge = find_edge(recorder, &call);
        if (edge != NULL) {
            made = take(recorder, edge);
            Py_DECREF(edge);
        }
        else if (!PyErr_Occurred()) {
            PyObject *together = PyTuple_Pack(2, args[0], args[1]);
            if (together != NULL)
                made = missed(recorder, &call, together);
            Py_XDECREF(together);
        }
        forget(&call);
    }
    else {
        /* A trace, or an operand that is no tensor. */
        PyObject *error = PyErr_Occurred() ? raised() : Py_NewRef(Py_None);
        made = PyObject_CallFunctionObjArgs(operator->otherwise, recorder, error, args[0], args[1], NULL);
        Py_DECREF(error);
    }
    Py_DECREF(recorder);
    return made;
}

static PyObject *bind_operator(PyObject *self, PyObject *instance, PyObject *type)
{
    return instance == NULL || instance == Py_None ? Py_NewRef(self) : PyMethod_New(self, instance);
}

static int traverse_operator(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Operator *)self)->op);
    Py_VISIT(((Operator *)self)->statics);
    Py_VISIT(((Operator *)self)->otherwise);
    return 0;
}

static int clear_operator(PyObject *self)
{
    Py_CLEAR(((Operator *)self)->op);
    Py_CLEAR(((Operator *)self)->statics);
    Py_CLEAR(((Operator *)self)->otherwise);
    return 0;
}

static void free_operator(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear_operator(self);
    PyObject_GC_Del(self);
}

static PyTypeObject operator_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "functape._engine._native.Operator",
    .tp_basicsize = sizeof(Operator),
    .tp_dealloc = free_operator,
    .tp_vectorcall_offset = offsetof(Operator, call),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_doc = "The method for one of Python's operators.",
    .tp_traverse = traverse_operator,
    .tp_clear = clear_operator,
    .tp_descr_get = bind_operator,
};

/* (op, statics, otherwise): `otherwise(recorder, error, self, other)` records what is not recorded here. */
static PyObject *binary(PyObject *module, PyObject *args)
{
    PyObject *op, *statics, *otherwise;
    if (!PyArg_ParseTuple(args, "OO!O", &op, &PyTuple_Type, &statics, &otherwise))
        return NULL;
    Operator *made = PyObject_GC_New(Operator, &operator_type);
    if (made == NULL)
        return NULL;
    made->call = operate;
    made->op = Py_NewRef(op);
    made->statics = Py_NewRef(statics);
    made->otherwise = Py_NewRef(otherwise);
    PyObject_GC_Track(made);
    return (PyObject *)made;
}

/* ---- running -------------------------------------------------------------------------------------------------- */

/* The item at a place of a list; NULL with an error set if there is none. */
static PyObject *item(PyObject *list, PyObject *place)
{
    Py_ssize_t index = PyLong_AsSsize_t(place);
    if (index < 0 || index >= PyList_GET_SIZE(list)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return PyList_GET_ITEM(list, index);
}

/* (inputs, places): the values of the tensors at these places. */
static PyObject *values(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || !PyList_Check(args[0]) || !PyTuple_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "values() takes a list and a tuple of places");
        return NULL;
    }
    Py_ssize_t length = PyTuple_GET_SIZE(args[1]);
    PyObject *made = PyList_New(length);
    for (Py_ssize_t place = 0; made != NULL && place < length; place++) {
        PyObject *tensor = item(args[0], PyTuple_GET_ITEM(args[1], place)), *value = NULL;
        if (tensor != NULL && PyObject_TypeCheck(tensor, the.base) && FIELD(tensor, the.at.value) != NULL)
            value = Py_NewRef(FIELD(tensor, the.at.value));
        else if (tensor != NULL)
            value = PyObject_GetAttr(tensor, the.name_value);
        if (value == NULL)
            Py_CLEAR(made);
        else
            PyList_SET_ITEM(made, place, value);
    }
    return made;
}

/* (inputs, donated, arguments, positions): whether the inputs at the places `donated` are held by their list alone, and
   their values, the arguments at `positions`, by them and the list of arguments alone. */
static PyObject *unshared(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 4 || !PyList_Check(args[0]) || !PyTuple_Check(args[1]) || !PyList_Check(args[2])
        || !PyTuple_Check(args[3]) || PyTuple_GET_SIZE(args[1]) != PyTuple_GET_SIZE(args[3])) {
        PyErr_SetString(PyExc_TypeError, "unshared() takes two lists, each with a tuple of places");
        return NULL;
    }
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(args[1]); place++) {
        PyObject *holder = item(args[0], PyTuple_GET_ITEM(args[1], place));
        PyObject *value = holder == NULL ? NULL : item(args[2], PyTuple_GET_ITEM(args[3], place));
        if (value == NULL)
            return NULL;
        if (Py_REFCNT(holder) != 1 || Py_REFCNT(value) != 2)
            Py_RETURN_FALSE;
        if (PyTuple_CheckExact(value))
            for (Py_ssize_t leaf = 0; leaf < PyTuple_GET_SIZE(value); leaf++)
                if (Py_REFCNT(PyTuple_GET_ITEM(value, leaf)) != 1)
                    Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}

/* Give the tensor in a slot its value. */
static int give_one(PyObject *outputs, PyObject *slot, PyObject *value)
{
    PyObject *tensor = PyList_Check(outputs) ? Py_XNewRef(item(outputs, slot)) : PyObject_GetItem(outputs, slot);
    int failed = tensor == NULL;
    if (tensor != NULL && PyObject_TypeCheck(tensor, the.base)) {
        PyObject *before = FIELD(tensor, the.at.value);
        FIELD(tensor, the.at.value) = Py_NewRef(value);
        Py_XDECREF(before);
    }
    else if (tensor != NULL)
        failed = PyObject_SetAttr(tensor, the.name_value, value);
    Py_XDECREF(tensor);
    return failed;
}

/* (outputs, slots, results): give the tensors in these slots their values; there may be more results than slots. */
static PyObject *give(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 || !PyTuple_Check(args[1]) || !(PyList_Check(args[2]) || PyTuple_Check(args[2]))) {
        PyErr_SetString(PyExc_TypeError, "give() takes tensors by slot, a tuple of slots and the results");
        return NULL;
    }
    Py_ssize_t length = Py_MIN(PyTuple_GET_SIZE(args[1]), PySequence_Fast_GET_SIZE(args[2]));
    for (Py_ssize_t place = 0; place < length; place++)
        if (give_one(args[0], PyTuple_GET_ITEM(args[1], place), PySequence_Fast_GET_ITEM(args[2], place)))
            return NULL;
    Py_RETURN_NONE;
}

/* (outputs, slots, value): give the tensors in these slots one value together. */
static PyObject *share(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 || !PyTuple_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "share() takes tensors by slot, a tuple of slots and a value");
        return NULL;
    }
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(args[1]); place++)
        if (give_one(args[0], PyTuple_GET_ITEM(args[1], place), args[2]))
            return NULL;
    Py_RETURN_NONE;
}

/* (outputs): how often each tensor of a recording is referred to, as bytes; a byte holds no more than 255. */
static PyObject *references(PyObject *module, PyObject *outputs)
{
    if (!PyList_Check(outputs)) {
        PyErr_SetString(PyExc_TypeError, "references() takes a list");
        return NULL;
    }
    Py_ssize_t length = PyList_GET_SIZE(outputs);
    PyObject *made = PyBytes_FromStringAndSize(NULL, length);
    if (made == NULL)
        return NULL;
    unsigned char *data = (unsigned char *)PyBytes_AS_STRING(made);
    for (Py_ssize_t place = 0; place < length; place++) {
        Py_ssize_t number = Py_REFCNT(PyList_GET_ITEM(outputs, place)) - 1 + the.held_once;
        data[place] = (unsigned char)(number > 255 ? 255 : number);
    }
    return made;
}

/* (variables, tensors, owners): make the tensors the variables' values; `owners` are the weak references to these. */
static PyObject *adopt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 || !PyTuple_Check(args[0]) || !PyTuple_Check(args[1]) || !PyTuple_Check(args[2])
        || PyTuple_GET_SIZE(args[1]) < PyTuple_GET_SIZE(args[0])
        || PyTuple_GET_SIZE(args[2]) != PyTuple_GET_SIZE(args[0])) {
        PyErr_SetString(PyExc_TypeError, "adopt() takes tuples of variables, of tensors and of weak references");
        return NULL;
    }
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(args[0]); place++) {
        PyObject *cell = PyTuple_GET_ITEM(args[0], place), *tensor = PyTuple_GET_ITEM(args[1], place);
        if (!PyObject_TypeCheck(cell, the.cell) || !PyObject_TypeCheck(tensor, the.base)) {
            PyErr_SetString(PyExc_TypeError, "adopt() takes variables and tensors");
            return NULL;
        }
        PyObject *owner = FIELD(tensor, the.at.variable), *before = FIELD(cell, the.at.held);
        FIELD(tensor, the.at.variable) = Py_NewRef(PyTuple_GET_ITEM(args[2], place));
        FIELD(cell, the.at.held) = Py_NewRef(tensor);
        Py_XDECREF(owner);
        Py_XDECREF(before);
    }
    Py_RETURN_NONE;
}

/* ---- what it works on ----------------------------------------------------------------------------------------- */

/* Where instances of a class hold a slot; -1 with an error set if it has none of this name. */
static Py_ssize_t place_of(PyTypeObject *type, const char *name)
{
    PyObject *found = PyObject_GetAttrString((PyObject *)type, name);
    Py_ssize_t place = -1;
    if (found != NULL && Py_IS_TYPE(found, &PyMemberDescr_Type))
        place = ((PyMemberDescrObject *)found)->d_member->offset;
    else if (found != NULL)
        PyErr_Format(PyExc_TypeError, "%s.%s is no slot", type->tp_name, name);
    Py_XDECREF(found);
    return place;
}

/* (local, classes, scalar, functions, held_once): see `_hot.install`. */
static PyObject *install(PyObject *module, PyObject *args)
{
    PyObject *local, *scalar, *record, *record_multiple, *follow, *recover;
    PyTypeObject *base, *tensor, *cell, *variable, *recorder, *recording, *trie_state, *aval, *array, *bundled;
    long held_once;
    if (!PyArg_ParseTuple(args, "O(O!O!O!O!O!O!O!O!O!O!)O(OOOO)l", &local, &PyType_Type, &base, &PyType_Type, &tensor,
                          &PyType_Type, &cell, &PyType_Type, &variable, &PyType_Type, &recorder, &PyType_Type,
                          &recording, &PyType_Type, &trie_state, &PyType_Type, &aval, &PyType_Type, &array, &PyType_Type, &bundled, &scalar,
                          &record, &record_multiple, &follow, &recover, &held_once))
        return NULL;
    struct fields at;
    if ((at.aval = place_of(base, "aval")) < 0 || (at.home = place_of(base, "home")) < 0
        || (at.slot = place_of(base, "slot")) < 0 || (at.value = place_of(base, "value")) < 0
        || (at.variable = place_of(base, "variable")) < 0 || (at.held = place_of(cell, "tensor")) < 0
        || (at.kind = place_of(aval, "kind")) < 0 || (at.state = place_of(recorder, "state")) < 0
        || (at.outputs = place_of(recorder, "outputs")) < 0 || (at.inputs = place_of(recorder, "inputs")) < 0
        || (at.slots = place_of(recorder, "slots")) < 0
        || (at.key = place_of(trie_state, "key")) < 0 || (at.edge = place_of(trie_state, "edge")) < 0)
        return NULL;
    if (!PyType_IsSubtype(tensor, base) || !PyType_IsSubtype(variable, cell)
        || !PyType_IsSubtype(recording, &PyList_Type) || !PyType_IsSubtype(trie_state, &PyDict_Type)) {
        PyErr_SetString(PyExc_TypeError, "install() takes classes that derive from each other");
        return NULL;
    }
    free_spare();
    the.at = at;
#define KEEP(name) Py_XSETREF(the.name, (void *)Py_NewRef(name))
    KEEP(local);
    KEEP(scalar);
    KEEP(record);
    KEEP(record_multiple);
    KEEP(follow);
    KEEP(recover);
    KEEP(base);
    KEEP(tensor);
    KEEP(cell);
    KEEP(variable);
    KEEP(recorder);
    KEEP(recording);
    KEEP(trie_state);
    KEEP(aval);
    KEEP(array);
    KEEP(bundled);
#undef KEEP
    the.held_once = held_once;
    the.tensor->tp_alloc = allocate_tensor;
    the.tensor->tp_dealloc = free_tensor;
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"install", install, METH_VARARGS, "Supply the classes and functions of Python that this works on."},
    {"record", (PyCFunction)(void (*)(void))record, METH_FASTCALL, "As `_recorder.record`."},
    {"record_one", (PyCFunction)(void (*)(void))record_one, METH_FASTCALL, "As `_recorder.record_one`."},
    {"record_multiple", (PyCFunction)(void (*)(void))record_multiple, METH_FASTCALL, "As `_recorder.record_multiple`."},
    {"follow", (PyCFunction)(void (*)(void))follow, METH_FASTCALL, "As `_recorder.follow`."},
    {"binary", binary, METH_VARARGS, "The method for one of Python's operators."},
    {"blank", (PyCFunction)(void (*)(void))blank, METH_FASTCALL, "A tensor of no recording, without a value."},
    {"values", (PyCFunction)(void (*)(void))values, METH_FASTCALL, "The values of some of a list's tensors."},
    {"unshared", (PyCFunction)(void (*)(void))unshared, METH_FASTCALL, "Whether nobody else holds what is donated."},
    {"give", (PyCFunction)(void (*)(void))give, METH_FASTCALL, "Give some of a recording's tensors their values."},
    {"share", (PyCFunction)(void (*)(void))share, METH_FASTCALL, "Give some of a recording's tensors one value."},
    {"references", references, METH_O, "How often each of a recording's tensors is referred to."},
    {"adopt", (PyCFunction)(void (*)(void))adopt, METH_FASTCALL, "Make tensors the values of variables."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "The recording hot path in C.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__native(void)
{
    if (PyType_Ready(&operator_type))
        return NULL;
    if ((the.name_recorder = PyUnicode_InternFromString("recorder")) == NULL
        || (the.name_enter = PyUnicode_InternFromString("enter")) == NULL
        || (the.name_enter_anew = PyUnicode_InternFromString("enter_anew")) == NULL
        || (the.name_miss = PyUnicode_InternFromString("miss")) == NULL
        || (the.name_value = PyUnicode_InternFromString("value")) == NULL)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && PyModule_AddIntConstant(module, "VERSION", VERSION))
        Py_CLEAR(module);
    return module;
}
