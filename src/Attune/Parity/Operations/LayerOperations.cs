using Attune.Formats;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Operations;

/// <summary>Layers that models of sequences are made of.</summary>
internal static class LayerOperations
{
    public static IReadOnlyDictionary<string, ReferenceOperation> All { get; } = new Dictionary<string, ReferenceOperation>
    {
        ["relu"] = Activated(_ => Activation.Relu),
        ["silu"] = Activated(_ => Activation.Silu),
        ["tanh"] = Activated(_ => Activation.Tanh),
        ["sigmoid"] = Activated(_ => Activation.Sigmoid),
        ["gelu"] = Activated(args => args.String("approximate", "none") == "tanh" ? Activation.GeluNew : Activation.Gelu),
        ["glu"] = OverLastAxis((tape, x) => tape.Glu(x)),
        ["softmax"] = OverLastAxis((tape, x) => tape.Softmax(x)),
        ["log_softmax"] = OverLastAxis((tape, x) => tape.LogSoftmax(x)),
        ["layer_norm"] = Normed((tape, x, weight, bias, args) => tape.LayerNorm(x, weight, bias, (float)args.Float("eps", 1e-5))),
        ["rms_norm"] = Normed((tape, x, weight, _, args) => tape.RmsNorm(x, weight, (float)args.Float("eps", 1e-6))),
        ["linear"] = (tape, inputs) => Y(tape.Linear(inputs["x"], inputs["weight"], inputs.Find("bias"))),
        ["embedding"] = Embedding,
        ["attention"] = Attention,
        ["lstm"] = RecurrentCall.Run,
    };

    private static Dictionary<string, Tensor> Y(Tensor y) => new() { ["y"] = y };

    private static ReferenceOperation Activated(Func<JsonFields, Activation> activation) =>
        (tape, inputs) => Y(tape.Activate(inputs["x"], activation(inputs.Arguments)));

    // Attune's own operations work on the last axis; any other is brought there and back.
    private static ReferenceOperation OverLastAxis(Func<Tape, Tensor, Tensor> operation) => (tape, inputs) =>
    {
        Tensor x = inputs["x"];
        int axis = inputs.Arguments.Int("dim", -1);
        int last = x.Shape.Rank - 1;
        axis = axis < 0 ? axis + x.Shape.Rank : axis;
        return Y(axis == last ? operation(tape, x) : tape.Transpose(operation(tape, tape.Transpose(x, axis, last)), axis, last));
    };

    // Attune's own norms work on the last axis; several that are normalised together are one long one.
    private static ReferenceOperation Normed(Func<Tape, Tensor, Tensor?, Tensor?, JsonFields, Tensor> norm) => (tape, inputs) =>
    {
        Tensor x = inputs["x"];
        int width = inputs.Arguments.IntArrayOrNull("normalized_shape")?.Aggregate(1, (product, extent) => product * extent) ?? x.Shape.Width;
        Tensor? Flat(string name) => inputs.Find(name)?.Reshape([width]);
        Tensor rows = x.Reshape([checked((int)x.Count) / width, width]);
        return Y(norm(tape, rows, Flat("weight"), Flat("bias"), inputs.Arguments).Reshape(x.Shape));
    };

    private static Dictionary<string, Tensor> Embedding(Tape tape, OperationInputs inputs)
    {
        int[] ids = inputs.Ints("ids");
        Tensor table = inputs["weight"];
        Tensor rows = tape.Embedding(table, ids, inputs.Arguments.IntOrNull("padding_idx"));
        return Y(rows.Reshape(Shape.Of([.. inputs.ShapeOf("ids"), table.Shape.Width])));
    }

    // [batch, heads, length, head width] in the reference; rows of all heads side by side here.
    private static Dictionary<string, Tensor> Attention(Tape tape, OperationInputs inputs)
    {
        Tensor query = inputs["q"], key = inputs["k"], value = inputs["v"];
        int batch = query.Shape[0], heads = query.Shape[1], queries = query.Shape[2], keys = key.Shape[2];
        var querySegments = Segments.Equal(batch, queries);
        var keySegments = Segments.Equal(batch, keys);
        var options = new AttentionOptions
        {
            Scale = (float?)inputs.Arguments.FloatOrNull("scale"),
            Causal = inputs.Arguments.Bool("causal", false),
            Bias = inputs.Find("bias") is { } bias ? Bias(tape, bias, batch, heads, queries, keys) : null,
            KeyMask = inputs.FindInts("key_mask") is { } mask ? Array.ConvertAll(mask, m => m != 0) : default,
        };
        Heads q = Rows(tape, query), k = Rows(tape, key), v = Rows(tape, value);
        // The output comes from the operation that models are trained with, the weights from the one that shows them.
        Tensor mixed = tape.Attention(q, k, v, querySegments, keySegments, options);
        (_, Tensor weights) = tape.AttentionWithProbabilities(q, k, v, querySegments, keySegments, options);
        return new() { ["y"] = Unrows(tape, mixed, batch, heads), ["probs"] = weights };
    }

    // Shared by all sequences, or one value a score.
    private static Tensor Bias(Tape tape, Tensor bias, int batch, int heads, int queries, int keys)
    {
        bool shared = bias.Shape.Rank < 4 || bias.Shape[0] == 1;
        Tensor full = tape.Expand(bias, shared ? [1, heads, queries, keys] : [batch, heads, queries, keys]);
        return full.Reshape(shared ? [heads, queries, keys] : [checked((int)full.Count)]);
    }

    private static Heads Rows(Tape tape, Tensor x)
    {
        Tensor rows = tape.Permute(x, 0, 2, 1, 3);
        return Heads.Of(rows.Reshape([x.Shape[0] * x.Shape[2], x.Shape[1] * x.Shape[3]]), x.Shape[1]);
    }

    private static Tensor Unrows(Tape tape, Tensor rows, int batch, int heads)
    {
        Tensor split = rows.Reshape([batch, rows.Shape[0] / batch, heads, rows.Shape[1] / heads]);
        return tape.Permute(split, 0, 2, 1, 3);
    }
}
