using Attune.Formats;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Operations;

/// <summary>
/// The objective of DistilBERT (Sanh et al. 2019, arXiv:1910.01108): a weighted sum of the distance to the teacher's distribution,
/// the masked and the causal language model's losses, the squared difference of logits, and the angle between hidden states.
/// </summary>
internal static class DistillationOperation
{
    private const int Ignore = -100;

    public static IReadOnlyDictionary<string, Tensor> Run(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        int[] mask = inputs.Ints("attention_mask"), labels = inputs.Ints("lm_labels");
        int length = inputs.ShapeOf("lm_labels")[^1];
        int[] attended = [.. Enumerable.Range(0, mask.Length).Where(cell => mask[cell] != 0)];
        int[] compared = args.Bool("restrict_ce_to_mask", false)
            ? [.. Enumerable.Range(0, labels.Length).Where(cell => labels[cell] != Ignore)]
            : attended;

        Tensor logits = Rows(inputs["s_logits"]);
        Tensor student = tape.GatherRows(logits, compared), teacher = tape.GatherRows(Rows(inputs["t_logits"]), compared);
        int[] same = new int[attended.Length];
        Array.Fill(same, 1);
        int[] next = [.. Enumerable.Range(0, labels.Length).Select(cell => (cell + 1) % length == 0 ? Ignore : labels[cell + 1])];
        var parts = new Dictionary<string, Tensor>
        {
            ["ce"] = tape.KlDivergence(student, teacher, (float)args.Float("temperature", 1)),
            ["mlm"] = tape.CrossEntropy(logits, labels),
            ["clm"] = tape.CrossEntropy(logits, next),
            ["mse"] = tape.Scale(tape.Sum(tape.Square(tape.Subtract(student, teacher))), 1f / compared.Length),
            ["cos"] = tape.CosineEmbedding(
                tape.GatherRows(Rows(inputs["s_hidden"]), attended), tape.GatherRows(Rows(inputs["t_hidden"]), attended), same),
        };
        Tensor? loss = null;
        foreach ((string name, Tensor part) in parts)
        {
            Tensor weighted = tape.Scale(part, (float)args.Float("alpha_" + name, 0));
            loss = loss is null ? weighted : tape.Add(loss, weighted);
        }
        parts["loss"] = loss!;
        return parts;
    }

    private static Tensor Rows(Tensor x) => x.Reshape([x.Shape.Rows, x.Shape.Width]);
}
