using Attune.Backbones.Fpt;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Training.Policies;

namespace Attune.Parity.Models;

/// <summary>
/// Frozen pretrained transformers: vectors or tokens in, answers at the last positions out, with the freezing that the configuration describes.
/// Nothing is padding.
/// </summary>
internal sealed class FptCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => golden.Family is FptFamily;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        Policy(golden.Config).Apply(model);
        StoredTensor x = arguments.Get("x"), y = arguments.Get("y");
        var backbone = (FptBackbone)model.Backbone;
        int sequences = x.Shape[0];
        int inputs = golden.Config.Size("input_dim");
        bool tokens = golden.Config.Bool("use_embeddings_for_in");
        // A step that is wider than the input layer is cut into patches.
        PaddedRows rows = PaddedRows.Of(sequences, tokens ? x.Shape[1] : checked((int)(x.Count / sequences / inputs)), null);
        if (backbone.Body is NormalizedLstmBody lstm)
            lstm.Start = States(arguments.Get("h0"), arguments.Get("c0"));
        bool bits = golden.Config.String("task").StartsWith("bit-", StringComparison.Ordinal);
        return new Prepared(
            model, rows, tokens ? x.ToInt32() : [], tokens ? [] : x.ToFloat32(), inputs, Classes(y.ToInt32()), bits ? 2 : golden.Config.Size("output_dim"),
            golden.Config.Bool("return_last_only"));
    }

    // The bits of one task are -1 and 1.
    private static int[] Classes(int[] answers) => answers.Contains(-1) ? [.. answers.Select(answer => (answer + 1) / 2)] : answers;

    private static FrozenTransformer Policy(JsonFields config) => new()
    {
        FreezesBody = config.Bool("freeze_trans"),
        FreezesInput = config.Bool("freeze_in"),
        FreezesOutput = config.Bool("freeze_out"),
        FreezesNorms = config.Bool("freeze_ln"),
        FreezesPositions = config.Bool("freeze_pos"),
        FreezesFeedForwards = config.Bool("freeze_ff"),
        FreezesAttention = config.Bool("freeze_attn"),
    };

    private static IReadOnlyList<(Tensor Hidden, Tensor Cell)> States(StoredTensor hidden, StoredTensor cell)
    {
        float[] h = hidden.ToFloat32(), c = cell.ToFloat32();
        Shape shape = [hidden.Shape[1], hidden.Shape[2]];
        int count = hidden.Shape[1] * hidden.Shape[2];
        return [.. Enumerable.Range(0, hidden.Shape[0]).Select(layer =>
            (Tensor.From(shape, h.AsSpan(layer * count, count)), Tensor.From(shape, c.AsSpan(layer * count, count))))];
    }

    private sealed class Prepared(
        Model model, PaddedRows rows, int[] ids, float[] vectors, int inputs, int[] labels, int classes, bool lastOnly) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            var batch = new TokenBatch
            {
                Ids = ids,
                Features = ids.Length > 0 ? null : Tensor.From([rows.Segments.Rows, inputs], vectors),
                Segments = rows.Segments,
            };
            var backbone = (FptBackbone)model.Backbone;
            BackboneOutput output = backbone.Forward(pass, batch);
            Tensor logits = model.Head<ISequenceHead>(HeadKind.SequenceClassification).Logits(pass, output);
            var outputs = new CallOutputs();
            outputs.SetLoss(pass.Tape.CrossEntropy(logits.Reshape([labels.Length, classes]), labels));
            if (pass.Tape.Recording)
                return outputs;
            int steps = lastOnly ? 1 : rows.Length;
            outputs.Add("out", logits.Reshape([rows.Sequences, steps, logits.Shape.Width / steps]));
            Tensor read = backbone.Read(pass, batch);
            outputs.Add("in_net", () => rows.Pad(read));
            outputs.Add(backbone.Body is NormalizedLstmBody ? "lstm" : "final_norm", () => rows.Pad(output.Hidden));
            for (int block = 1; block < pass.Trace?.HiddenStates.Count; block++)
            {
                Tensor state = block == pass.Trace.HiddenStates.Count - 1 ? pass.Trace.BeforeFinalNorm! : pass.Trace.HiddenStates[block];
                outputs.Add($"block.{block - 1}", () => rows.Pad(state));
            }
            return outputs;
        }
    }
}
