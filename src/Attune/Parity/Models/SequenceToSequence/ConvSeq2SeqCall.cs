using Attune.Backbones.ConvSeq2Seq;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models.SequenceToSequence;

/// <summary>Convolutional sequence-to-sequence models: the decoder reads the labels behind a start token.</summary>
internal sealed class ConvSeq2SeqCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => golden.Family is ConvSeq2SeqFamily;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        StoredTensor source = arguments.Get("input_ids"), target = arguments.Get("labels");
        int start = golden.Config.Int("decoder_start_id", 0), length = target.Shape[1];
        int[] labels = target.ToInt32();
        int[] read = [.. labels.Select((_, cell) => cell % length == 0 ? start : labels[cell - 1])];
        var call = OwnEncoderDecoder.Prepare(
            model, source.ToInt32(), read, labels, ((source.Shape[0], source.Shape[1]), (target.Shape[0], length)), golden.Config.Int("pad_id", 0));
        return new Prepared(call, start, arguments.Expected("greedy")?.Shape[^1] ?? 0);
    }

    private sealed class Prepared(OwnEncoderDecoder call, int start, int greedySteps) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            (BackboneOutput encoded, BackboneOutput decoded, Tensor logits) = call.Run(pass);
            var outputs = new CallOutputs();
            outputs.SetLoss(call.Head.Loss(pass, decoded, call.Labels));
            if (pass.Tape.Recording)
                return outputs;
            outputs.Add("nll", pass.Tape.CrossEntropy(logits, call.Labels));
            outputs.Add("logits", () => call.Rows.Pad(logits));
            outputs.Add("encoder_out", () => call.SourceRows.Pad(encoded.Hidden));
            if (pass.Trace is not { } trace)
            {
                float[] greedy = [.. call.Greedy(pass, start, greedySteps)];
                outputs.Add("greedy", () => new ComparedValues([call.Rows.Sequences, greedySteps], greedy));
                return outputs;
            }
            outputs.AddStates(trace.Encoder!, "encoder_state.", call.SourceRows.Pad);
            outputs.AddStates(trace, "decoder_state.", call.Rows.Pad);
            return outputs;
        }
    }
}
