using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>Chooses the next token: the likeliest at temperature 0, else by lot among the likeliest.</summary>
internal sealed class LlamaSampler : SafeHandle
{
    private const float Temperature = 0.7f, TopP = 0.9f;
    private const uint Seed = 42;

    public LlamaSampler(ChatOptions? options)
        : base(0, ownsHandle: true)
    {
        SetHandle(LlamaNative.SamplerChain(1));
        var temperature = options?.Temperature ?? Temperature;
        if (temperature <= 0)
        {
            LlamaNative.SamplerAdd(handle, LlamaNative.SamplerGreedy());
            return;
        }

        LlamaNative.SamplerAdd(handle, LlamaNative.SamplerTopP(options?.TopP ?? TopP, 1));
        LlamaNative.SamplerAdd(handle, LlamaNative.SamplerTemperature(temperature));
        LlamaNative.SamplerAdd(handle, LlamaNative.SamplerRandom((uint?)options?.Seed ?? Seed));
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LlamaNative.SamplerFree(handle);
        return true;
    }
}
