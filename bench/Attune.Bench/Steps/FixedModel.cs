using System.Runtime.InteropServices;
using Attune.Formats;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Bench.Steps;

/// <summary>Models that only answer.</summary>
internal static unsafe class FixedModel
{
    /// <summary>Gives a module the values of its initialisers from a mapped file, as a model that is loaded has them.</summary>
    public static void InitializeFixed(this Module module)
    {
        string path = Path.GetTempFileName();
        NamedParameter[] parameters = [.. module.Parameters()];
        using (FileStream file = File.Create(path))
        {
            // Memory that is gone at once: what is measured is a model that was loaded.
            int most = (int)parameters.Max(named => named.Parameter.Shape.Count);
            float* memory = (float*)NativeMemory.Alloc((nuint)most, sizeof(float));
            RandomStream random = new RandomStream(0).Stream("parameters");
            foreach ((string name, Parameter parameter) in parameters)
            {
                var values = new Span<float>(memory, (int)parameter.Shape.Count);
                parameter.Initializer.Fill(values, random.Stream(name));
                file.Write(MemoryMarshal.AsBytes(values));
            }
            NativeMemory.Free(memory);
        }
        var mapped = new MappedFile(path);
        File.Delete(path);
        byte* next = mapped.Pointer;
        foreach ((_, Parameter parameter) in parameters)
        {
            byte* start = next;
            long bytes = parameter.Shape.Count * sizeof(float);
            parameter.Use(Tensor.Over(parameter.Shape, (float*)start, mapped, () => mapped.GiveBack(start, bytes)));
            next += bytes;
        }
    }
}
