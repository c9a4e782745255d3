using Attune.Backbones.LightConv;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models.SequenceToSequence;

/// <summary>fairseq's encoder-decoders: states are time-major, attention is the last layer's, averaged over its heads.</summary>
internal sealed class LightConvCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => golden.Family is LightConvFamily;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        StoredTensor source = arguments.Get("src_tokens"), target = arguments.Get("prev_output_tokens");
        // The lengths follow from the padding.
        arguments.Ints("src_lengths");
        var call = OwnEncoderDecoder.Prepare(
            model, source.ToInt32(), target.ToInt32(), arguments.Get("target").ToInt32(),
            ((source.Shape[0], source.Shape[1]), (target.Shape[0], target.Shape[1])), LightConvFamily.PaddingId(golden.Config));
        // fairseq spreads the share over the other classes only.
        int classes = golden.Config.Size("vocab_size");
        float smoothing = (float)(golden.Config.Float("label_smoothing", 0) * classes / (classes - 1));
        return new Prepared(call, smoothing);
    }

    private sealed class Prepared(OwnEncoderDecoder call, float smoothing) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            (BackboneOutput encoded, BackboneOutput decoded, Tensor logits) = call.Run(pass);
            var outputs = new CallOutputs();
            outputs.SetLoss(call.Head.Loss(pass, decoded, call.Labels, smoothing));
            if (pass.Tape.Recording)
                return outputs;
            outputs.Add("nll", pass.Tape.CrossEntropy(logits, call.Labels));
            outputs.Add("logits", () => call.Rows.Pad(logits));
            outputs.Add("encoder_out", () => call.SourceRows.Pad(encoded.Hidden).TimeMajor());
            if (pass.Trace is not { } trace)
            {
                Tensor stepwise = call.StepByStep(pass);
                outputs.Add("incremental_logits", () => call.Rows.Pad(stepwise));
                return outputs;
            }
            outputs.AddStates(trace, "decoder_state.", state => call.Rows.Pad(state).TimeMajor());
            outputs.Add("attn", () => call.Rows.PadAttention(trace.CrossAttentions[^1], call.SourceRows).MeanOfAxisOne());
            return outputs;
        }
    }
}
