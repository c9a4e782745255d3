using Attune.Backbones.SpanBert;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Parity.Models.Modules;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>SpanBERT's pre-training and its boundary head alone. The padding token is the label of what is not to be predicted.</summary>
internal sealed class SpanBertCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) =>
        golden.Family is SpanBertFamily && model.HasHead(HeadKind.SpanBoundary) || model.Backbone is GoldenModule { Part: SpanBoundaryHead };

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        int padding = golden.Config.Int("pad_id", 0);
        StoredTensor spans = arguments.Get("pairs"), targets = arguments.Get("pair_targets");
        if (model.Backbone is GoldenModule { Part: SpanBoundaryHead alone })
        {
            StoredTensor hidden = arguments.Get("hidden_states");
            PaddedRows given = PaddedRows.Of(hidden.Shape[0], hidden.Shape[1], null);
            return new HeadAlone(model, alone, hidden, given, Spans.Read(spans, targets, given, padding));
        }
        TokenInput ids = TokenInput.Read(arguments);
        PaddedRows rows = TokenArguments.Rows(arguments, ids.Shape, "attention_mask");
        int[] labels = Array.ConvertAll(arguments.Get("lm_target").ToInt32(), id => id == padding ? Labels.Ignore : id);
        return new PreTraining(
            model, TokenArguments.Batch(arguments, ids, rows, golden.Family, golden.Config), rows, rows.Rows(labels)!, arguments.Ints("next_sentence_label"),
            Spans.Read(spans, targets, rows, padding), (float)golden.Config.Float("pair_loss_weight", 1));
    }

    /// <summary>The targets of a case: all, and those that count.</summary>
    private sealed record Spans(BoundaryTargets All, BoundaryTargets Counted, int Count, int Length)
    {
        public static Spans Read(StoredTensor spans, StoredTensor targets, PaddedRows rows, int padding)
        {
            int pairs = spans.Shape[1], length = targets.Shape[2], count = spans.Shape[0] * pairs;
            int[] boundaries = spans.ToInt32(), ids = targets.ToInt32();
            BoundaryTargets Of(int[] chosen) => new(
                Array.ConvertAll(chosen, i => Row(i / length, 0)), Array.ConvertAll(chosen, i => Row(i / length, 1)),
                Array.ConvertAll(chosen, i => i % length), Array.ConvertAll(chosen, i => ids[i]));
            int Row(int pair, int side) => rows.RowOf(pair / pairs, boundaries[2 * pair + side]);
            int[] all = [.. Enumerable.Range(0, count * length)];
            return new Spans(Of(all), Of([.. all.Where(i => ids[i] != padding)]), count, length);
        }

        public Tensor Scores(Pass pass, IBoundaryHead head, BackboneOutput output)
        {
            Tensor logits = head.Logits(pass, output, All);
            return logits.Reshape([Count, Length, logits.Shape.Width]);
        }
    }

    private sealed class PreTraining(Model model, TokenBatch batch, PaddedRows rows, int[] labels, int[]? order, Spans spans, float weight) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            BackboneOutput output = model.Forward(pass, batch);
            var outputs = new CallOutputs();
            for (int i = 0; i < output.Layers.Count; i++)
            {
                Tensor state = output.Layers[i];
                outputs.Add($"hidden_states.{i}", () => rows.Pad(state));
            }
            ITokenHead words = model.Head<ITokenHead>(HeadKind.MaskedLm);
            IBoundaryHead boundary = model.Head<IBoundaryHead>(HeadKind.SpanBoundary);
            if (!pass.Tape.Recording)
            {
                Tensor scores = words.Logits(pass, output);
                outputs.Add("mlm_scores", () => rows.Pad(scores));
                outputs.Add("sbo_scores", spans.Scores(pass, boundary, output));
            }
            Tensor masked = words.Loss(pass, output, labels), sides = boundary.Loss(pass, output, spans.Counted);
            outputs.Add("mlm_loss", masked);
            outputs.Add("sbo_loss", sides);
            Tensor loss = pass.Tape.Add(masked, pass.Tape.Scale(sides, weight));
            if (order is not null)
            {
                Tensor scores = model.Head<ISequenceHead>(HeadKind.SentencePair).Logits(pass, output), pair = pass.Tape.CrossEntropy(scores, order);
                outputs.Add("nsp_scores", scores);
                outputs.Add("nsp_loss", pair);
                loss = pass.Tape.Add(loss, pair);
            }
            outputs.SetLoss(loss);
            return outputs;
        }
    }

    private sealed class HeadAlone(Model model, SpanBoundaryHead head, StoredTensor hidden, PaddedRows rows, Spans spans) : IPreparedCall
    {
        private readonly float[] _hidden = hidden.ToFloat32();
        private readonly int _width = hidden.Shape[2];

        public CallOutputs Run(Pass pass)
        {
            BackboneOutput given = Given(gradients: false);
            var outputs = new CallOutputs();
            Tensor loss = head.Loss(pass, given, spans.Counted);
            outputs.SetLoss(loss);
            if (pass.Tape.Recording)
                return outputs;
            outputs.Add("loss_sum", pass.Tape.Scale(loss, spans.Counted.Labels.Length + 1));
            outputs.Add("scores", spans.Scores(pass, head, given));
            outputs.Add("grad_input.hidden_states", () => rows.Pad(InputGradient()));
            return outputs;
        }

        private Tensor InputGradient()
        {
            var tape = new Tape();
            tape.Begin(recording: true);
            BackboneOutput given = Given(gradients: true);
            tape.Backward(head.Loss(new Pass(tape), given, spans.Counted));
            foreach ((_, Nn.Parameters.Parameter parameter) in model.NamedParameters())
                parameter.Value.ClearGradient();
            return given.Hidden.Grad!;
        }

        private BackboneOutput Given(bool gradients) => new()
        {
            Hidden = Tensor.From([rows.Segments.Rows, _width], _hidden, gradients),
            Batch = new TokenBatch { Segments = rows.Segments },
        };
    }
}
