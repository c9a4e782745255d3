using Attune.Formats;
using Attune.Nn.Blocks.Feedback;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>Feedback Transformers as language models after a given memory. Memories are <c>[span, sequences, width]</c>, oldest first.</summary>
internal sealed class FeedbackCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => model.Backbone is FeedbackBackbone;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        StoredTensor ids = arguments.Get("input_ids");
        FeedbackMemory shape = ((FeedbackBackbone)model.Backbone).NewMemory(1);
        StoredTensor?[] memories = [.. Enumerable.Range(0, shape.Count).Select(i => arguments.Find($"memory.{i}"))];
        return new Prepared(model, ids.ToInt32(), PaddedRows.Of(ids.Shape[0], ids.Shape[1], null), arguments.Get("labels").ToInt32(), memories);
    }

    private sealed class Prepared(Model model, int[] ids, PaddedRows rows, int[] labels, StoredTensor?[] memories) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            var backbone = (FeedbackBackbone)model.Backbone;
            FeedbackMemory memory = Memory(backbone);
            BackboneOutput output = backbone.Forward(pass, new TokenBatch { Ids = ids, Segments = rows.Segments }, memory);
            ITokenHead head = model.Head<ITokenHead>(HeadKind.CausalLm);
            var outputs = new CallOutputs();
            outputs.SetLoss(head.Loss(pass, output, labels));
            if (pass.Tape.Recording)
                return outputs;
            Tensor scores = pass.Tape.LogSoftmax(head.Logits(pass, output));
            outputs.Add("log_probs", () => rows.Pad(scores));
            for (int m = 0; m < memory.Count; m++)
            {
                Tensor entries = memory.Of(m, [.. Enumerable.Range(0, rows.Sequences)]);
                PaddedRows layout = PaddedRows.Of(rows.Sequences, memory.Span, null);
                outputs.Add($"memory.{m}", () => layout.Pad(entries).TimeMajor());
            }
            return outputs;
        }

        private FeedbackMemory Memory(FeedbackBackbone backbone)
        {
            FeedbackMemory memory = backbone.NewMemory(rows.Sequences);
            for (int m = 0; m < memories.Length; m++)
            {
                if (memories[m]?.ToFloat32() is not { } values)
                    continue;
                int width = backbone.Width;
                for (int i = 0; i < memory.Span * rows.Sequences; i++)
                    memory.Add(m, i % rows.Sequences, values.AsSpan(i * width, width));
            }
            return memory;
        }
    }
}
