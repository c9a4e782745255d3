using Attune.Formats;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Operations;

/// <summary>DistilBERT's objective on padded arrays: <c>[batch, length, ..]</c> and a mask of the real tokens.</summary>
internal static class DistillationCall
{
    public static IReadOnlyDictionary<string, Tensor> Run(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        int[] mask = inputs.Ints("attention_mask"), labels = inputs.Ints("lm_labels");
        int[] rows = [.. Enumerable.Range(0, mask.Length).Where(cell => mask[cell] != 0)];
        var segments = Segments.FromLengths([.. mask.Chunk(inputs.ShapeOf("lm_labels")[^1]).Select(row => row.Count(m => m != 0))]);
        var student = new DistillationView(Real(inputs["s_logits"]), Real(inputs["s_hidden"]));
        var teacher = new DistillationView(Real(inputs["t_logits"]), Real(inputs["t_hidden"]));
        int[] kept = [.. rows.Select(row => labels[row])];
        float Weight(string name) => (float)args.Float("alpha_" + name, 0);
        var weights = new DistillationWeights
        {
            Temperature = (float)args.Float("temperature", 1),
            Divergence = Weight("ce"),
            MaskedTokens = Weight("mlm"),
            NextTokens = Weight("clm"),
            SquaredError = Weight("mse"),
            Cosine = Weight("cos"),
            LabelledRowsOnly = args.Bool("restrict_ce_to_mask", false),
        };
        DistillationLoss loss = tape.Distillation(student, teacher, kept, segments, weights);
        return new Dictionary<string, Tensor>
        {
            ["loss"] = loss.Total,
            ["ce"] = loss.Divergence!,
            ["mlm"] = loss.MaskedTokens!,
            ["clm"] = loss.NextTokens!,
            ["mse"] = loss.SquaredError!,
            ["cos"] = loss.Cosine!,
        };

        Tensor Real(Tensor x) => tape.GatherRows(x.Reshape([x.Shape.Rows, x.Shape.Width]), rows);
    }
}
