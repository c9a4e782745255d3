using Attune.Nn.Contracts;
using Attune.Parity.Models.Modules;
using Attune.Parity.Models.SequenceToSequence;

namespace Attune.Parity.Models;

/// <summary>The ways of calling models that cases are run with, in the order in which they are tried.</summary>
internal static class ReferenceCalls
{
    private static readonly IReadOnlyList<IReferenceCall> All = [
        new SpanBertCall(), new FeedbackCall(), new ErnieThuCall(), new SetCall(), new ModuleCall(), new LightConvCall(), new ConvSeq2SeqCall(),
        new FptCall(), new MemoryCall(), new DoubleHeadsCall(), new SingleStackCall(), new EncoderDecoderCall(),
    ];

    /// <summary>Prepares the call of a case.</summary>
    /// <exception cref="Formats.AttuneFormatException">An argument is missing, not understood, or not as it should be.</exception>
    /// <exception cref="NotSupportedException">There is no way of calling such a model.</exception>
    public static IPreparedCall Prepare(GoldenModel golden, Model model, GoldenTensors tensors)
    {
        IReferenceCall call = All.FirstOrDefault(c => c.Serves(golden, model))
            ?? throw new NotSupportedException($"No reference call serves a model of the family '{golden.Family.ModelType}'.");
        var arguments = new CaseArguments(tensors, golden.Case);
        IPreparedCall prepared = call.Prepare(golden, model, arguments);
        arguments.RequireAllRead();
        return prepared;
    }
}
