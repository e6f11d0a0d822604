#include "program/operation.h"

#include <functional>
#include <numeric>

#include "program/operations/operations.h"

namespace lamina {

std::size_t Tensor::size() const {
    return std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, std::multiplies<>());
}

const std::vector<double>& Call::list(std::string_view attribute) const {
    const auto found = attributes.find(attribute);
    if (found == attributes.end()) {
        throw std::invalid_argument(std::string(name) + ": the attribute " +
                                    std::string(attribute) + " is missing");
    }
    return found->second;
}

double Call::number(std::string_view attribute) const {
    const auto& values = list(attribute);
    require(values.size() == 1, "an attribute must be one number");
    return values[0];
}

void Call::require(bool condition, const char* what) const {
    if (condition) return;
    std::string message = std::string(name) + ": " + what + ". Received: shapes";
    for (const auto* tensors : {&inputs, &outputs}) {
        message += tensors == &inputs ? "" : " ->";
        for (const auto& tensor : *tensors) {
            message += " (";
            for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
                message += (i ? ", " : "") + std::to_string(tensor.sizes[i]);
            }
            message += ")";
        }
    }
    throw std::invalid_argument(message);
}

void Call::require_operands(std::size_t wanted_inputs, std::size_t wanted_outputs) const {
    require(inputs.size() == wanted_inputs && outputs.size() == wanted_outputs,
            "wrong number of operands");
}

const std::vector<Operation>& operations() {
    static const std::vector<Operation> all = [] {
        std::vector<Operation> list;
        for (const auto& family :
             {elementwise_operations(), row_operations(), reduction_operations(),
              shape_operations(), moving_operations(), lookup_operations(), ordering_operations(),
              product_operations(), state_operations(), optimizer_operations()}) {
            list.insert(list.end(), family.begin(), family.end());
        }
        return list;
    }();
    return all;
}

const Operation& find_operation(std::string_view name) {
    for (const auto& operation : operations()) {
        if (operation.name == name) return operation;
    }
    throw std::invalid_argument("unknown operation " + std::string(name));
}

}  // namespace lamina
