using Attune.Formats;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Operations;

/// <summary>Stacked LSTM layers in one or both directions, under PyTorch's names of their parameters.</summary>
internal static class RecurrentCall
{
    public static IReadOnlyDictionary<string, Tensor> Run(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        bool batchFirst = args.Bool("batch_first", false);
        int directions = args.Bool("bidirectional", false) ? 2 : 1;
        Tensor x = batchFirst ? inputs["x"] : tape.Transpose(inputs["x"], 0, 1);
        int batch = x.Shape[0], length = x.Shape[1];
        foreach ((string size, int found) in (ReadOnlySpan<(string, int)>)[("input_size", x.Shape[2]), ("hidden_size", inputs["weight_hh_l0"].Shape[1])])
        {
            if (args.Int(size, found) != found)
                throw args.Error(size, $"the width of the tensors, {found}");
        }
        var segments = Segments.Equal(batch, length);
        Tensor rows = x.Reshape([batch * length, x.Shape[2]]);
        List<Tensor> hidden = [], cells = [];
        for (int layer = 0; layer < args.Size("num_layers", 1); layer++)
        {
            var outputs = new Tensor[directions];
            for (int direction = 0; direction < directions; direction++)
            {
                string suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                var weights = new LstmWeights(
                    inputs["weight_ih" + suffix], inputs["weight_hh" + suffix], inputs.Find("bias_ih" + suffix), inputs.Find("bias_hh" + suffix));
                int row = layer * directions + direction;
                LstmResult result = tape.Lstm(rows, weights, segments, State("h0", row), State("c0", row), reverse: direction == 1);
                outputs[direction] = result.Output;
                hidden.Add(result.Hidden);
                cells.Add(result.Cell);
            }
            rows = tape.Concat(1, outputs);
        }
        Tensor y = rows.Reshape([batch, length, rows.Shape.Width]);
        return new Dictionary<string, Tensor>
        {
            ["y"] = batchFirst ? y : tape.Transpose(y, 0, 1),
            ["hn"] = tape.Stack(0, [.. hidden]),
            ["cn"] = tape.Stack(0, [.. cells]),
        };

        Tensor? State(string name, int row) =>
            inputs.Find(name) is { } states ? tape.Slice(states, 0, row, 1).Reshape([batch, states.Shape.Width]) : null;
    }
}
