#include "ops/ops.h"
#include "program/operations/operations.h"

namespace lamina {
namespace {

template <void (*function)(float*, const float*, std::size_t, std::size_t)>
Run along_rows(const Call& call) {
    call.require_operands(1);
    const Tensor& y = call.out();
    call.require(call.in(0).sizes == y.sizes, "the result must have the operand's shape");
    return [y = y.place(), x = call.in(0).place(), rows = y.extent(y.rows()),
            columns = y.columns()](Part part) {
        function(y.at(part), x.at(part), rows.of(part), columns);
    };
}

Run softmax_gradient(const Call& call) {
    call.require_operands(2);
    const Tensor& y = call.in(1);
    call.require(call.in(0).sizes == y.sizes && call.out().sizes == y.sizes,
                 "all shapes must be equal");
    return [dx = call.out().place(), dy = call.in(0).place(), y = y.place(),
            rows = y.extent(y.rows()), columns = y.columns()](Part part) {
        ops::softmax_gradient(dx.at(part), dy.at(part), y.at(part), rows.of(part), columns);
    };
}

Run softmax_cross_entropy(const Call& call) {
    call.require_operands(2, 2);
    const Tensor& logits = call.in(0);
    call.require(call.in(1).sizes == logits.sizes && call.out(1).sizes == logits.sizes &&
                     call.out(0).size() == logits.rows(),
                 "logits, target and probabilities must have one shape, the loss a value per row");
    return [loss = call.out(0).place(), p = call.out(1).place(), x = logits.place(),
            target = call.in(1).place(), rows = logits.extent(logits.rows()),
            columns = logits.columns()](Part part) {
        ops::softmax_cross_entropy(loss.at(part), p.at(part), x.at(part), target.at(part),
                                   rows.of(part), columns);
    };
}

Run softmax_cross_entropy_gradient(const Call& call) {
    call.require_operands(3);
    const Tensor& p = call.in(1);
    call.require(
        call.in(2).sizes == p.sizes && call.out().sizes == p.sizes && call.in(0).size() == p.rows(),
        "probabilities, target and result must have one shape, dloss a value per row");
    return
        [dx = call.out().place(), dloss = call.in(0).place(), p = p.place(),
         target = call.in(2).place(), rows = p.extent(p.rows()), columns = p.columns()](Part part) {
            ops::softmax_cross_entropy_gradient(dx.at(part), dloss.at(part), p.at(part),
                                                target.at(part), rows.of(part), columns);
        };
}

Run standardize(const Call& call) {
    call.require_operands(1, 2);
    const Tensor& y = call.out();
    call.require(call.in(0).sizes == y.sizes && call.out(1).size() == y.rows(),
                 "the result must have the operand's shape, scale a value per row");
    return [y = y.place(), scale = call.out(1).place(), x = call.in(0).place(),
            rows = y.extent(y.rows()), columns = y.columns(),
            how = ops::Standardize{static_cast<float>(call.number("epsilon")),
                                   call.flag("center")}](Part part) {
        ops::standardize(y.at(part), scale.at(part), x.at(part), rows.of(part), columns, how);
    };
}

Run standardize_gradient(const Call& call) {
    call.require_operands(3);
    const Tensor& y = call.in(1);
    call.require(
        call.in(0).sizes == y.sizes && call.out().sizes == y.sizes && call.in(2).size() == y.rows(),
        "dy, y and the result must have one shape, scale a value per row");
    return [dx = call.out().place(), dy = call.in(0).place(), y = y.place(),
            scale = call.in(2).place(), rows = y.extent(y.rows()), columns = y.columns(),
            center = call.flag("center")](Part part) {
        ops::standardize_gradient(dx.at(part), dy.at(part), y.at(part), scale.at(part),
                                  rows.of(part), columns, center);
    };
}

Run argmax(const Call& call) {
    call.require_operands(1);
    const Tensor& x = call.in(0);
    call.require(call.out().size() == x.rows() && x.columns() > 0, "expected a result per row");
    return [y = call.out().place(), x = x.place(), rows = x.extent(x.rows()),
            columns = x.columns()](Part part) {
        ops::argmax(y.at(part), x.at(part), rows.of(part), columns);
    };
}

Run categorical_accuracy(const Call& call) {
    call.require_operands(2);
    const Tensor& x = call.in(0);
    call.require(call.in(1).sizes == x.sizes && call.out().size() == x.rows() && x.columns() > 0,
                 "expected two tensors of one shape and a result per row");
    return [y = call.out().place(), a = x.place(), b = call.in(1).place(),
            rows = x.extent(x.rows()), columns = x.columns()](Part part) {
        ops::categorical_accuracy(y.at(part), a.at(part), b.at(part), rows.of(part), columns);
    };
}

Run one_hot(const Call& call) {
    call.require_operands(1);
    const Tensor& y = call.out();
    call.require(y.rank() == call.in(0).rank() + 1 && y.rows() == call.in(0).size(),
                 "expected a row per element");
    return [y = y.place(), x = call.in(0).place(), rows = y.extent(y.rows()),
            columns = y.columns()](Part part) {
        ops::one_hot(y.at(part), x.at(part), rows.of(part), columns);
    };
}

Run dropout(const Call& call) {
    call.require_operands(2);
    const Tensor& y = call.out();
    call.require(call.in(0).sizes == y.sizes && call.in(1).size() == 2,
                 "the result must have the operand's shape, the state is (seed, step)");
    return [y = y.place(), x = call.in(0).place(), state = call.in(1).place(),
            rows = y.extent(y.rows()), columns = y.columns(),
            rate = static_cast<float>(call.number("rate"))](Part part) {
        ops::Dropout dropout = dropout_of(rate, state.at(part));
        dropout.first_row = part.first * rows.per_unit;
        ops::dropout(y.at(part), x.at(part), rows.of(part), columns, dropout);
    };
}

template <void (*function)(float*, std::size_t, std::size_t, const ops::Dropout&)>
Run draw(const Call& call) {
    call.require_operands(1);
    const Tensor& y = call.out();
    call.require(call.in(0).size() == 2, "the state is (seed, step)");
    return [y = y.place(), state = call.in(0).place(), rows = y.extent(y.rows()),
            columns = y.columns()](Part part) {
        ops::Dropout own = dropout_of(0.0f, state.at(part));
        own.first_row = part.first * rows.per_unit;
        function(y.at(part), rows.of(part), columns, own);
    };
}

}  // namespace

std::vector<Operation> row_operations() {
    return {
        {"softmax", along_rows<ops::softmax>},
        {"log_softmax", along_rows<ops::log_softmax>},
        {"sparsemax", along_rows<ops::sparsemax>},
        {"softmax_gradient", softmax_gradient},
        {"softmax_cross_entropy", softmax_cross_entropy},
        {"softmax_cross_entropy_gradient", softmax_cross_entropy_gradient},
        {"standardize", standardize},
        {"standardize_gradient", standardize_gradient},
        {"argmax", argmax},
        {"categorical_accuracy", categorical_accuracy},
        {"one_hot", one_hot},
        {"dropout", dropout, 0b10},
        {"random_uniform", draw<ops::random_uniform>, 0b1},
        {"random_normal", draw<ops::random_normal>, 0b1},
    };
}

}  // namespace lamina
